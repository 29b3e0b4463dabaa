import {
  copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { dependencyOrder } from './elf.mjs';
import { makeWhole } from './whole-folder.mjs';

/** Names the driver's libraries, and is written last. */
const LIST = 'libraries.json';

/**
 * Makes a driver's private folder whole or not at all: `fetchInto` unpacks into a scratch folder, from which only the
 * driver and the libraries that it links to are kept.
 * @param {string} parent where driver folders lie @param {string} name the driver's name, and its folder's
 * @param {string} library the driver's main library, e.g. `libvulkan_lvp.so`
 * @param {(scratch: string) => string} fetchInto gives back the folder that holds what was unpacked
 * @returns {import('./verdict.mjs').Driver}
 * @throws Error when something could not be fetched or the driver is not in what was
 */
export function prepareDriver(parent, name, library, fetchInto) {
  makeWhole(parent, name, LIST, (whole, scratch) => keepDriver(fetchInto(scratch), whole, library));
  const made = openDriver(parent, name);
  if (made === undefined) throw new Error(`${name} is not complete`);
  return made;
}

/** @param {string} parent @param {string} name @returns {import('./verdict.mjs').Driver | undefined} */
export function openDriver(parent, name) {
  const folder = join(parent, name);
  const list = join(folder, LIST);
  if (!existsSync(list)) return undefined;
  const names = JSON.parse(readFileSync(list, 'utf8'));
  return { name, icd: join(folder, 'icd.json'), folder, libraries: names.map((file) => join(folder, file)) };
}

/** @param {import('./verdict.mjs').Driver} driver */
export const removeDriver = (driver) => rmSync(driver.folder, { recursive: true, force: true });

/** glibc belongs to the running process: a second copy of another version would crash it. */
const GLIBC = /^(ld-linux.*|lib(c|m|dl|pthread|rt|resolv|util))\.so/;

function keepDriver(unpacked, folder, library) {
  const places = new Map(sharedLibraries(unpacked).map((path) => [basename(path), path]));
  if (!places.has(library)) throw new Error(`${library} is not in what was fetched`);
  const kept = dependencyOrder(['libvulkan.so.1', library], (name) =>
    GLIBC.test(name) ? undefined : places.get(name),
  );
  mkdirSync(folder);
  for (const { name, path } of kept) copyFileSync(realpathSync(path), join(folder, name));
  // A relative path is read from the manifest's own folder: the folder can move.
  const manifest = { file_format_version: '1.0.0', ICD: { library_path: `./${library}`, api_version: '1.3.0' } };
  writeFileSync(join(folder, 'icd.json'), `${JSON.stringify(manifest)}\n`);
  writeFileSync(join(folder, LIST), `${JSON.stringify(kept.map(({ name }) => name))}\n`);
}

/** Files and links such as libLLVM-15.so.1 anywhere below a folder. */
function sharedLibraries(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => /\.so(\.|$)/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}
