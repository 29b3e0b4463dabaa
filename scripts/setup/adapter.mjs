/** Finds a Vulkan driver that works, preparing a software one where the system has none, and remembers which. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from './cache-folder.mjs';
import { openDriver, removeDriver } from './driver-folder.mjs';
import { driverIsChosen, driverVariables } from './environment.mjs';
import { prepareLavapipe } from './lavapipe.mjs';
import { run, say } from './run.mjs';
import { prepareSwiftShader } from './swiftshader.mjs';
import { FORMAT, readVerdict, thisMachine, verdictHolds, writeVerdict } from './verdict.mjs';

/** A first dispatch compiles shaders: seconds on a slow machine. */
const PROBE_TIMEOUT_MS = 120_000;

/** Software drivers in the order in which they are tried: the fast one first. */
const SOFTWARE = [
  { name: 'lavapipe', from: "the distribution's packages", prepare: prepareLavapipe },
  { name: 'swiftshader', from: 'npm (slower than lavapipe)', prepare: prepareSwiftShader },
];

/**
 * Makes sure that this machine has a working adapter, if it can. Only Linux ever lacks one that can be prepared, and a
 * driver that the user chose is not second-guessed. Never throws: without an adapter the job runs as far as it can.
 * @param {{ again: boolean }} options `again`: probe even when an earlier answer still holds
 */
export function ensureAdapter({ again }) {
  if (process.platform !== 'linux' || driverIsChosen(process.env)) return;
  const machine = thisMachine(webgpuVersion());
  const known = readVerdict(process.env);
  if (!again && known !== undefined && verdictHolds(known, machine, Date.now())) return;
  const found = tryDriver(null) ?? prepareSoftware();
  if (found === undefined) {
    say('no adapter works here: tests of WGSL will fail, and the device cpu needs none (RICCI_NO_SETUP=1 skips this)');
    return;
  }
  if (found.problem !== undefined) say(`${found.problem} ${found.fix}`);
  say(`using ${found.adapter}`);
  remember({ format: FORMAT, probedAt: Date.now(), machine, driver: found.driver, adapter: found.adapter });
}

function prepareSoftware() {
  const parent = join(cacheFolder(process.env), 'drivers');
  const earlier = SOFTWARE.map(({ name }) => openDriver(parent, name)).filter((driver) => driver !== undefined);
  for (const driver of earlier) {
    const found = tryDriver(driver);
    if (found !== undefined) return found;
    removeDriver(driver); // the system it was fetched for has changed; fetched again, it may fit
  }
  say('no working WebGPU adapter: fetching software Vulkan into a private folder (the system stays as it is)');
  return fetchSoftware(parent);
}

function fetchSoftware(parent) {
  for (const { name, from, prepare } of SOFTWARE) {
    try {
      say(`fetching ${name} from ${from}`);
      const driver = prepare(parent);
      const found = tryDriver(driver);
      if (found !== undefined) return found;
      removeDriver(driver);
      say(`${name} does not work here`);
    } catch (thrown) {
      say(`${name} cannot be had: ${thrown.message}`);
    }
  }
  return undefined;
}

/**
 * One real dispatch in a process of its own. @param {import('./verdict.mjs').Driver | null} driver
 * @returns {{ driver: typeof driver, adapter: string, problem?: string, fix?: string } | undefined}
 */
function tryDriver(driver) {
  const env = { ...process.env, ...driverVariables(driver, process.env) };
  const probe = fileURLToPath(new URL('probe.mjs', import.meta.url));
  try {
    const diagnosis = JSON.parse(run(process.execPath, [probe], { env, timeout: PROBE_TIMEOUT_MS }));
    return diagnosis.dispatches ? { driver, ...diagnosis } : undefined;
  } catch {
    return undefined; // it crashed or hung: not a driver to use
  }
}

/** A cache that cannot be written costs a probe per start, not the start. */
function remember(verdict) {
  try {
    writeVerdict(process.env, verdict);
  } catch (thrown) {
    say(`cannot remember the adapter: ${thrown.message}`);
  }
}

/** Resolved, not spelled: an installed Ricci shares its dependencies with the package that uses it. */
const webgpuVersion = () =>
  JSON.parse(readFileSync(new URL('package.json', import.meta.resolve('webgpu')), 'utf8')).version;
