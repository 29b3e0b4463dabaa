/**
 * What a process needs in its environment before Dawn loads a private Vulkan driver. Whatever asks for WebGPU comes
 * through here: the command, the tests, the scripts.
 */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { readVerdict, systemDrivers } from './verdict.mjs';

/** glibc's RTLD_LAZY and RTLD_NODELETE. */
const LAZY_AND_KEPT = 1 | 0x1000;

/** @param {NodeJS.ProcessEnv} env @returns {boolean} true when the user chose a driver, which is then left alone */
export const driverIsChosen = (env) => Boolean(env.VK_DRIVER_FILES || env.VK_ICD_FILENAMES);

/**
 * The variables to set for a driver; null stands for the system's own.
 * @param {import('./verdict.mjs').Driver | null} driver @param {NodeJS.ProcessEnv} env @param {string} [temporary]
 * @returns {Record<string, string>}
 */
export function driverVariables(driver, env, temporary = tmpdir()) {
  /** @type {Record<string, string>} */
  const set = {};
  // Mesa complains on every start when it is absent, although a compute program needs nothing from there.
  if (!env.XDG_RUNTIME_DIR) set.XDG_RUNTIME_DIR = temporary;
  if (driver === null) return set;
  set.VK_DRIVER_FILES = driver.icd;
  set.VK_ICD_FILENAMES = driver.icd; // loaders before 1.3.207 know only this one
  set.LD_LIBRARY_PATH = [driver.folder, env.LD_LIBRARY_PATH].filter(Boolean).join(':');
  return set;
}

/**
 * Applies the remembered driver to this process and to those it starts; does nothing where none is remembered, where
 * the user chose one, or off Linux. A driver that was remembered before the machine's own drivers changed would hide
 * them, and is left out. With `load`, also maps the driver's libraries: the dynamic linker read
 * LD_LIBRARY_PATH when this process began, so a process that is to use Dawn itself must map them by path.
 * @param {{ load: boolean }} options
 */
export function applyRememberedDriver({ load }) {
  if (process.platform !== 'linux' || driverIsChosen(process.env)) return;
  const verdict = readVerdict(process.env);
  const driver = verdict?.driver ?? null;
  const holds = driver !== null && existsSync(driver.icd) && sameDrivers(verdict);
  applyDriver(holds ? driver : null, { load });
}

const sameDrivers = ({ machine }) => isDeepStrictEqual(machine.systemDrivers, systemDrivers());

/**
 * Applies a driver; null stands for the system's own.
 * @param {import('./verdict.mjs').Driver | null} driver @param {{ load: boolean }} options
 */
export function applyDriver(driver, { load }) {
  Object.assign(process.env, driverVariables(driver, process.env));
  if (load && driver !== null) driver.libraries.forEach(mapLibrary);
}

/**
 * Maps a plain library through Node's only way to dlopen. Node then complains that it is no add-on and closes it, which
 * NODELETE makes harmless: from now on the linker finds it by its name.
 */
function mapLibrary(path) {
  try {
    process.dlopen({ exports: {} }, path, LAZY_AND_KEPT);
  } catch {
    // Expected, see above; a library that really failed shows as a missing adapter, which is reported with its remedy.
  }
}
