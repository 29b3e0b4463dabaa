import type ts from 'typescript';
import { isPrimitiveName } from '../primitive.ts';
import type { Declaration, Resolver } from '../translate/meaning.ts';
import type { Syntax } from '../translate/syntax.ts';
import type { Host } from './host.ts';
import { declaredIn, lexicalDeclaration } from './lexical.ts';

/** What source files may be called where an import names the JavaScript that comes of them. */
const WRITTEN_AS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\.js$/, ['.ts', '.tsx', '.js']],
  [/\.mjs$/, ['.mts', '.mjs']],
  [/\.cjs$/, ['.cts', '.cjs']],
  [/$/, ['', '.ts', '.tsx', '.mts', '.js', '.mjs', '/index.ts', '/index.js', '/index.mjs']],
];

const unresolved = (why: string): Declaration => ({ kind: 'unresolved', why });

/** Parses files and finds names in them and in what they import, by syntax alone: fast, and no type checker needed. */
export class Modules implements Resolver {
  readonly #syntax: Syntax;
  readonly #host: Host;
  readonly #files = new Map<string, ts.SourceFile | undefined>();

  constructor(syntax: Syntax, host: Host) {
    this.#syntax = syntax;
    this.#host = host;
  }

  /** The file's syntax tree; nothing where there is no such file. */
  parse(file: string): ts.SourceFile | undefined {
    if (!this.#files.has(file)) {
      const text = this.#host.read(file);
      const { createSourceFile, ScriptTarget } = this.#syntax;
      this.#files.set(file, text === undefined ? undefined : createSourceFile(file, text, ScriptTarget.Latest, true));
    }
    return this.#files.get(file);
  }

  declarationOf(name: ts.Identifier): Declaration {
    const s = this.#syntax;
    const { parent } = name;
    if (s.isPropertyAccessExpression(parent) && parent.name === name) return this.#member(parent, name.text);
    const node = lexicalDeclaration(s, name);
    return node === undefined ? { kind: 'global' } : this.#follow(node);
  }

  /** `m.f` after `import * as m`. */
  #member(access: ts.PropertyAccessExpression, name: string): Declaration {
    const s = this.#syntax;
    const object = access.expression;
    const node = s.isIdentifier(object) ? lexicalDeclaration(s, object) : undefined;
    if (node === undefined || !s.isNamespaceImport(node)) return unresolved('it is a property of an object');
    return this.#exported(node.parent.parent.moduleSpecifier, name, new Set());
  }

  /** An import's declaration is the other file's; every other one is itself. */
  #follow(node: ts.Node, seen: Set<string> = new Set()): Declaration {
    const s = this.#syntax;
    if (s.isImportSpecifier(node)) {
      return this.#exported(node.parent.parent.parent.moduleSpecifier, (node.propertyName ?? node.name).text, seen);
    }
    if (s.isImportClause(node)) return this.#exported(node.parent.moduleSpecifier, 'default', seen);
    return { kind: 'node', node };
  }

  /** What a module exports under a name. */
  #exported(specifier: ts.Node, name: string, seen: Set<string>): Declaration {
    const s = this.#syntax;
    if (!s.isStringLiteralLike(specifier)) return unresolved('its import has no literal address');
    if (specifier.text === 'ricci/dsl' && isPrimitiveName(name)) return { kind: 'primitive', name };
    const from = specifier.getSourceFile().fileName;
    const file = this.#locate(specifier.text, from);
    if (file === undefined) return unresolved(`the module '${specifier.text}' was not found from ${from}`);
    return this.#exportOf(file, name, seen) ?? unresolved(`the module '${specifier.text}' does not export \`${name}\``);
  }

  #locate(specifier: string, from: string): string | undefined {
    if (!specifier.startsWith('.') && !specifier.startsWith('/')) return this.#host.resolvePackage(specifier, from);
    const path = this.#host.join(from, specifier);
    const candidates = WRITTEN_AS.filter(([end]) => end.test(path))
      .flatMap(([end, forms]) => forms.map((form) => path.replace(end, form)));
    return candidates.find((candidate) => this.parse(candidate) !== undefined);
  }

  #exportOf(file: string, name: string, seen: Set<string>): Declaration | undefined {
    const source = this.parse(file);
    const visit = `${file}\n${name}`;
    if (source === undefined || seen.has(visit)) return undefined;
    seen.add(visit);
    const s = this.#syntax;
    const own = this.#ownExport(source, name, seen);
    if (own !== undefined) return own;
    for (const statement of source.statements) {
      if (!s.isExportDeclaration(statement) || statement.exportClause !== undefined) continue;
      const found = statement.moduleSpecifier === undefined || name === 'default'
        ? undefined
        : this.#exported(statement.moduleSpecifier, name, seen);
      if (found !== undefined && found.kind !== 'unresolved') return found;
    }
    return undefined;
  }

  /** An export that the file names: by a modifier, in a list, or as the default. */
  #ownExport(source: ts.SourceFile, name: string, seen: Set<string>): Declaration | undefined {
    const s = this.#syntax;
    for (const statement of source.statements) {
      if (s.isExportAssignment(statement) && name === 'default') return this.#defaultExport(statement, source, seen);
      if (!s.isExportDeclaration(statement) || statement.exportClause === undefined) continue;
      if (!s.isNamedExports(statement.exportClause)) continue;
      const found = statement.exportClause.elements.find((element) => element.name.text === name);
      if (found === undefined) continue;
      const original = (found.propertyName ?? found.name).text;
      return statement.moduleSpecifier === undefined
        ? this.#local(source, original, seen)
        : this.#exported(statement.moduleSpecifier, original, seen);
    }
    const declared = declaredIn(s, source, name);
    const imported = declared !== undefined && (s.isImportSpecifier(declared) || s.isImportClause(declared));
    return declared === undefined || imported ? undefined : { kind: 'node', node: declared };
  }

  #defaultExport(statement: ts.ExportAssignment, source: ts.SourceFile, seen: Set<string>): Declaration {
    const value = statement.expression;
    if (!this.#syntax.isIdentifier(value)) return { kind: 'node', node: statement };
    return this.#local(source, value.text, seen) ?? { kind: 'node', node: statement };
  }

  #local(source: ts.SourceFile, name: string, seen: Set<string>): Declaration | undefined {
    const node = declaredIn(this.#syntax, source, name);
    return node === undefined ? undefined : this.#follow(node, seen);
  }
}
