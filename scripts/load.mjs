import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The folder of the package: of the clone, or of the installed copy. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

const SOURCE_FOLDERS = ['dsl', 'compiler', 'runtime', 'models', 'verify', 'cli'];

/**
 * Imports a module of Ricci by its name without extension, such as `cli/main`: the built one where it is there and no
 * source is newer (an installed package has no sources), else the source through tsx.
 * @param {string} name @returns {Promise<unknown>}
 */
export async function loadModule(name) {
  if (usesBuild(name)) return import(pathToFileURL(builtFile(name)).href);
  await registerTsx();
  return import(pathToFileURL(sourceFile(name)).href);
}

/** Whether `loadModule` takes the built module. @param {string} name */
export function usesBuild(name) {
  if (!existsSync(sourceFile(name))) return true;
  const builtAt = statSync(builtFile(name), { throwIfNoEntry: false })?.mtimeMs;
  return builtAt !== undefined && SOURCE_FOLDERS.every((folder) => newestIn(join(ROOT, folder)) <= builtAt);
}

const builtFile = (name) => join(ROOT, 'dist', `${name}.mjs`);
const sourceFile = (name) => join(ROOT, `${name}.ts`);

/** When the newest file below a folder changed, in ms; 0 where there is none. */
function newestIn(folder) {
  if (!existsSync(folder)) return 0;
  const times = readdirSync(folder, { withFileTypes: true }).map((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? newestIn(path) : statSync(path).mtimeMs;
  });
  return Math.max(0, ...times);
}

async function registerTsx() {
  await import('./tsx/register.mjs').catch((cause) => {
    throw new NotInstalledError({ cause });
  });
}

/** The source is there, but not what runs it. */
export class NotInstalledError extends Error {
  constructor(options) {
    super("Ricci's packages are not installed: run `npm ci`, or begin with `npm start`, which installs them.", options);
  }
}
