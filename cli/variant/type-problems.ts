import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import ts from 'typescript';
import { ownModules } from './own-modules.ts';

/**
 * What TypeScript says against a file whose default export is to be a variant, as it prints it: file, line, code frame.
 * Types are checked in strict mode, and only syntax that types can be erased from is allowed.
 * @returns one text for each problem; none for a file that is fine
 */
export function typeProblems(file: string): readonly string[] {
  const check = join(dirname(file), `.${basename(file)}.check.ts`);
  const options = optionsFor(file);
  const program = ts.createProgram([file, check], options, hostWith(check, checkText(file), options));
  const own = program.getSourceFiles().filter((f) => isUsers(program, f) && f.fileName !== check);
  const found = own.flatMap((f) => [...program.getSyntacticDiagnostics(f), ...program.getSemanticDiagnostics(f)]);
  return (found.length > 0 ? found : exportProblems(program, file, check)).map(show);
}

/** A file that needs the default export to be a variant, and does nothing. */
const checkText = (file: string): string =>
  `import type { Variant } from 'ricci/pldr';\nimport variant from './${basename(file)}';\nvariant satisfies Variant;\n`;

function optionsFor(file: string): ts.CompilerOptions {
  const hasNode = ts.resolveTypeReferenceDirective('node', file, {}, ts.sys).resolvedTypeReferenceDirective !== undefined;
  return {
    strict: true, noEmit: true, skipLibCheck: true, allowImportingTsExtensions: true,
    target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler,
    // Node runs the file with its types blanked out.
    erasableSyntaxOnly: true, verbatimModuleSyntax: true,
    lib: ['lib.es2023.d.ts', ...(hasNode ? [] : ['lib.dom.d.ts'])],
    types: hasNode ? ['node'] : [],
    paths: Object.fromEntries(Object.entries(ownModules()).map(([name, url]) => [name, [typesOf(fileURLToPath(url))]])),
  };
}

/** Where the types of a module of Ricci's are: in a source itself, beside a built one. */
const typesOf = (module: string): string => module.replace(/\.mjs$/, '.d.mts');

/** Files as they are, and one more. */
function hostWith(file: string, text: string, options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  return {
    ...host,
    fileExists: (name) => name === file || host.fileExists(name),
    readFile: (name) => (name === file ? text : host.readFile(name)),
    getSourceFile: (name, version, ...rest) =>
      (name === file ? ts.createSourceFile(name, text, version) : host.getSourceFile(name, version, ...rest)),
  };
}

/** Whether a file is the user's: neither a package's nor, where Ricci runs from its sources, one of these. */
function isUsers(program: ts.Program, file: ts.SourceFile): boolean {
  if (file.isDeclarationFile || program.isSourceFileFromExternalLibrary(file)) return false;
  const folders = ['dsl', 'compiler', 'runtime', 'models', 'verify', 'cli', 'scripts'];
  return !folders.some((f) => file.fileName.startsWith(fileURLToPath(new URL(`../../${f}/`, import.meta.url))));
}

/** What is wrong with the default export, at the place where it stands. */
function exportProblems(program: ts.Program, file: string, check: string): readonly ts.Diagnostic[] {
  const source = program.getSourceFile(file);
  const statement = source?.statements.find(isDefaultExport);
  return program.getSemanticDiagnostics(program.getSourceFile(check)).map((d) => ({
    ...d, file: source, start: statement?.getStart(source) ?? 0, length: statement?.getWidth(source) ?? 0,
  }));
}

const isDefaultExport = (statement: ts.Statement): boolean =>
  ts.isExportAssignment(statement)
  || (ts.canHaveModifiers(statement) && ts.getModifiers(statement)?.some((m) => m.kind === ts.SyntaxKind.DefaultKeyword) === true);

const show = (diagnostic: ts.Diagnostic): string =>
  stripVTControlCharacters(ts.formatDiagnosticsWithColorAndContext([diagnostic], {
    getCanonicalFileName: (name) => name, getCurrentDirectory: () => process.cwd(), getNewLine: () => '\n',
  })).trimEnd();
