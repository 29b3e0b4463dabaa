import { Node, Project, ts as syntax } from 'ts-morph';
import type { Identifier, SourceFile } from 'ts-morph';
import type ts from 'typescript';
import type { Host } from '../source/host.ts';
import { Modules } from '../source/modules.ts';
import type { Declaration, Resolver } from '../translate/meaning.ts';
import type { Syntax } from '../translate/syntax.ts';

/**
 * The compiler inside ts-morph, for the translator. An assertion, because comparing two versions of all of
 * TypeScript's node types is deeper than the type checker goes.
 */
export const morphSyntax = syntax as Syntax;

/** A project for looking names up: no files but those asked for, no library of types, nothing written. */
export function createProject(tsconfig: string | undefined): Project {
  return new Project({
    ...(tsconfig === undefined ? {} : { tsConfigFilePath: tsconfig }),
    skipAddingFilesFromTsConfig: true,
    compilerOptions: {
      noLib: true,
      types: [],
      allowJs: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      target: syntax.ScriptTarget.ESNext,
      module: syntax.ModuleKind.ESNext,
      moduleResolution: syntax.ModuleResolutionKind.Bundler,
    },
  });
}

/**
 * Finds declarations with the type checker's symbols: through aliases, re-exports, `paths` and namespaces alike. What
 * ends in a declaration file has no value there; its JavaScript is read instead.
 */
export class MorphResolver implements Resolver {
  readonly #project: Project;
  readonly #modules: Modules;

  constructor(project: Project, host: Host) {
    this.#project = project;
    this.#modules = new Modules(morphSyntax, host);
  }

  declarationOf(name: ts.Identifier): Declaration {
    const file = this.#project.getSourceFile(name.getSourceFile().fileName);
    const node = file?.getDescendantAtPos(name.getStart());
    const declared = node !== undefined && Node.isIdentifier(node) ? declarationBySymbol(node) : undefined;
    const usable = declared !== undefined && !declared.getSourceFile().isDeclarationFile();
    return usable ? { kind: 'node', node: declared.compilerNode } : this.#modules.declarationOf(name);
  }
}

function declarationBySymbol(name: Identifier): Node | undefined {
  const symbol = name.getSymbol();
  return (symbol?.getAliasedSymbol() ?? symbol)?.getDeclarations()[0];
}

/** Whether a name is Ricci's `scalar`: by what its calls give, or, where types are missing, by where it comes from. */
export function isRicciScalar(file: SourceFile, position: number): boolean {
  const name = file.getDescendantAtPos(position);
  if (name === undefined || !Node.isIdentifier(name)) return false;
  const signature = name.getType().getCallSignatures()[0];
  if (signature !== undefined) return signature.getReturnType().getSymbol()?.getName() === 'ScalarFn';
  return file.getImportDeclarations().some((declaration) => declaration.getModuleSpecifierValue() === 'ricci/dsl');
}
