import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { digest } from '../dsl/digest.ts';
import type { ProgramStore } from '../models/pldr/index.ts';
import { packageRoot } from './package-root.ts';

/**
 * Compiled programs as files, in a folder named by the compiler that made them: its version and the newest of its files,
 * so that a changed compiler never meets old programs. Folders of other compilers are removed.
 */
export function diskPrograms(folder: string): ProgramStore {
  const own = compilerStamp().then((stamp) => join(folder, 'programs', stamp));
  const fileOf = async (key: string): Promise<string> => join(await own, `${digest(key)}.json`);
  return {
    async get(key) {
      return readFile(await fileOf(key), 'utf8').catch(() => undefined);
    },
    // A cache that cannot be written must not stop the work.
    async put(key, text) {
      try {
        const file = await fileOf(key);
        await mkdir(dirname(file), { recursive: true });
        await removeOthers(await own);
        await writeFile(`${file}.${process.pid}`, text);
        await rename(`${file}.${process.pid}`, file);
      } catch {
        // the next start compiles again
      }
    },
  };
}

async function removeOthers(own: string): Promise<void> {
  const all = await readdir(dirname(own));
  const others = all.map((name) => join(dirname(own), name)).filter((folder) => folder !== own);
  await Promise.all(others.map((folder) => rm(folder, { recursive: true, force: true })));
}

/** Everything that decides what a model compiles to lies in these folders. */
const COMPILER_FOLDERS = ['dsl', 'compiler', 'models'];

async function compilerStamp(): Promise<string> {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const times = await Promise.all(COMPILER_FOLDERS.map((f) => newest(join(root, f))));
  return digest(`${packageRoot().version}|${root}|${Math.max(...times)}`);
}

async function newest(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true });
  const times = await Promise.all(entries.map(async (e) => {
    const path = join(folder, e.name);
    return e.isDirectory() ? newest(path) : (await stat(path)).mtimeMs;
  }));
  return Math.max(0, ...times);
}
