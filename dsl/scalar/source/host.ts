import type ts from 'typescript';
import { RicciError } from '../../errors.ts';
import type { Syntax } from '../translate/syntax.ts';

/** The outside world of the source reader, so that tests can give it files of their own. */
export interface Host {
  /** Text of a file; nothing where there is none. */
  readonly read: (file: string) => string | undefined;
  /** Path of `relative` as seen from a file. */
  readonly join: (fromFile: string, relative: string) => string;
  /** File of a package's entry as seen from a file; nothing where it is not installed. */
  readonly resolvePackage: (specifier: string, fromFile: string) => string | undefined;
}

/**
 * Node's built-in modules, reached without an import: a browser's bundle holds this file too and never calls it.
 * Nothing where this is not Node.
 */
function builtins() {
  if (typeof process === 'undefined' || typeof process.getBuiltinModule !== 'function') return undefined;
  const load = process.getBuiltinModule;
  return { fs: load('node:fs'), path: load('node:path'), url: load('node:url'), module: load('node:module') };
}

/** Files of the machine; nothing where this is not Node. */
export function nodeHost(): Host | undefined {
  const node = builtins();
  if (node === undefined) return undefined;
  const { fs, path, module } = node;
  return {
    read: (file) => {
      const isFile = fs.statSync(file, { throwIfNoEntry: false })?.isFile() === true;
      return isFile ? fs.readFileSync(file, 'utf8') : undefined;
    },
    join: (fromFile, relative) => path.resolve(path.dirname(fromFile), relative),
    resolvePackage: (specifier, fromFile) => {
      try {
        return module.createRequire(fromFile).resolve(specifier);
      } catch {
        return undefined;
      }
    },
  };
}

/** A stack's name of a file (a path or a `file:` address, perhaps with a query) as a path. */
export function pathOf(fileName: string): string {
  const bare = fileName.replace(/\?.*$/, '');
  return bare.startsWith('file:') ? builtins()?.url.fileURLToPath(bare) ?? bare : bare;
}

/**
 * The TypeScript compiler, loaded now and synchronously, by Ricci's own dependency or else the user's.
 * @throws RicciError `scalar/no-typescript`
 */
export function loadTypeScript(fromFile: string | undefined): Syntax {
  const node = builtins();
  for (const base of node === undefined ? [] : [import.meta.url, fromFile]) {
    const compiler = base === undefined ? undefined : requireTypeScript(node?.module.createRequire(base));
    if (compiler !== undefined) return compiler;
  }
  throw new RicciError({
    code: 'scalar/no-typescript',
    message: 'A scalar function has no translation, and there is no TypeScript compiler here to read its source with.',
    hint: 'Build with the plugin `ricciScalars()`, which translates beforehand, or make the function with `traced`.',
  });
}

function requireTypeScript(require: NodeJS.Require | undefined): Syntax | undefined {
  try {
    const compiler: typeof ts | undefined = require?.('typescript');
    // Versions without the compiler's programming interface are of no use.
    return typeof compiler?.createSourceFile === 'function' ? compiler : undefined;
  } catch {
    return undefined;
  }
}
