/**
 * Who may import whom. The arrows run one way, so that a compiled program needs no compiler, the language knows no GPU,
 * a model knows no kind of device, and only one folder knows Dawn.
 *
 * @typedef {{ path: string, text: string }} SourceFile path relative to the root, with slashes
 * @typedef {{ path: string, line: number, imported: string, rule: string }} Violation
 */
import { posix } from 'node:path';
import ts from 'typescript';

/** Per folder of the product: what it may import from the others (a prefix of the path), besides itself. */
const MAY_IMPORT = {
  dsl: [],
  compiler: ['dsl/'],
  runtime: ['compiler/program', 'dsl/errors.ts'],
  'models/pldr': ['dsl/', 'compiler/', 'runtime/'],
  verify: ['models/', 'runtime/', 'compiler/', 'dsl/'],
  cli: [
    'verify/', 'models/', 'runtime/', 'compiler/', 'dsl/', 'scripts/setup/cache-folder.mjs',
    'scripts/setup/environment.mjs',
  ],
  examples: ['verify/', 'models/', 'runtime/', 'compiler/', 'dsl/'],
};

/** Exceptions from what a folder may import. */
const MAY_NOT_IMPORT = { 'models/pldr': ['runtime/webgpu/', 'runtime/cpu/'] };

/** Packages that only some folders of the product may import. */
const ONLY_IN = { typescript: ['dsl/scalar/', 'cli/variant/'], 'ts-morph': ['dsl/scalar/'], webgpu: ['runtime/webgpu/'] };

/** The package's own entry points, as `exports` in package.json names them. */
const OWN_ENTRIES = {
  'ricci/dsl': 'dsl/index.ts',
  'ricci/compiler': 'compiler/index.ts',
  'ricci/runtime': 'runtime/index.ts',
  'ricci/pldr': 'models/pldr/index.ts',
  'ricci/train': 'models/pldr/train/index.ts',
  'ricci/verify': 'verify/index.ts',
};

/** @param {readonly SourceFile[]} files @returns {readonly Violation[]} in the order of files and lines */
export function importViolations(files) {
  const imports = files.flatMap(importsOf);
  const direct = imports.flatMap((one) => {
    const rule = brokenRule(one);
    return rule === undefined ? [] : [{ path: one.path, line: one.line, imported: one.imported, rule }];
  });
  return [...direct, ...cycleViolations(imports)];
}

/** Every import, export-from, dynamic import and import type, found by the TypeScript scanner: not in comments. */
function importsOf({ path, text }) {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName, pos }) => ({
    path,
    line: text.slice(0, pos).split('\n').length,
    imported: fileName,
    target: targetOf(path, fileName),
  }));
}

/** The imported file of this repository; undefined for a package. */
function targetOf(path, imported) {
  if (imported.startsWith('.')) return posix.join(posix.dirname(path), imported);
  return OWN_ENTRIES[imported];
}

/** The part of the product that a path lies in; undefined for tests, scripts and configuration. */
const folderOf = (path) => Object.keys(MAY_IMPORT).find((folder) => path.startsWith(`${folder}/`));

function brokenRule({ path, imported, target }) {
  const folder = folderOf(path);
  if (folder === undefined) return undefined;
  return target === undefined ? brokenPackageRule(path, imported) : brokenFolderRule(folder, target);
}

function brokenFolderRule(folder, target) {
  if (target.startsWith(`${folder}/`)) return undefined;
  const allowed = MAY_IMPORT[folder];
  const within = (prefix) => target.startsWith(prefix);
  if (MAY_NOT_IMPORT[folder]?.some(within)) return `${folder} runs on any device, and ${target} is part of one`;
  if (allowed.some(within)) return undefined;
  return allowed.length === 0
    ? `${folder} imports no other folder`
    : `${folder} imports only ${allowed.join(', ')} besides itself, not ${target}`;
}

function brokenPackageRule(path, imported) {
  const name = Object.keys(ONLY_IN).find((one) => imported === one || imported.startsWith(`${one}/`));
  const allowed = name === undefined || ONLY_IN[name].some((folder) => path.startsWith(folder));
  return allowed ? undefined : `only ${ONLY_IN[name].join(' and ')} imports ${name}`;
}

/** One violation per pair of top-level folders that import each other: the later-named one's import is shown. */
function cycleViolations(imports) {
  const top = (path) => path.split('/', 1)[0];
  const crossing = imports.filter(
    ({ path, target }) => target?.includes('/') && path.includes('/') && top(target) !== top(path),
  );
  const edges = new Map();
  for (const one of crossing) edges.set(top(one.path), (edges.get(top(one.path)) ?? new Set()).add(top(one.target)));
  const back = crossing.filter(
    (one) => top(one.path) > top(one.target) && reaches(edges, top(one.target), top(one.path)),
  );
  return back.map(({ path, line, imported, target }) => {
    return { path, line, imported, rule: `${top(path)} and ${top(target)} import each other` };
  });
}

/** @param {ReadonlyMap<string, ReadonlySet<string>>} edges */
function reaches(edges, from, to, seen = new Set()) {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return [...(edges.get(from) ?? [])].some((next) => reaches(edges, next, to, seen));
}
