/**
 * SwiftShader, Google's software Vulkan driver, as the npm package of a headless Chromium carries it: slower than
 * lavapipe and without f16, but it needs neither apt nor root. Linux on x64 only.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { prepareDriver } from './driver-folder.mjs';
import { npm, run } from './run.mjs';

const PACKAGE = '@sparticuz/chromium';
const VERSION = '149.0.0';
const ARCHIVE_SHA256 = '49cfdf5cf3d15ed1eb5e636619f325ff38c609e27d43d06a129dc54f88f67e29';
const NPM_TIMEOUT_MS = 10 * 60_000;

/**
 * @param {string} parent where driver folders lie @returns {import('./verdict.mjs').Driver}
 * @throws Error saying why this machine cannot have it
 */
export function prepareSwiftShader(parent) {
  if (process.arch !== 'x64') throw new Error(`there is none for ${process.arch}`);
  return prepareDriver(parent, 'swiftshader', 'libvk_swiftshader.so', fetchSwiftShader);
}

/** `npm pack` rather than install: one archive, none of its dependencies, no script of it runs. */
function fetchSwiftShader(scratch) {
  const cache = join(scratch, 'npm'); // 66 MB that would otherwise stay in the user's npm cache
  const [command, args] = npm([
    'pack',
    `${PACKAGE}@${VERSION}`,
    '--loglevel=error',
    '--cache',
    cache,
    '--pack-destination',
    scratch,
  ]);
  const archive = run(command, args, { cwd: scratch, timeout: NPM_TIMEOUT_MS }).trim().split('\n').at(-1) ?? '';
  const member = 'package/bin/swiftshader.tar.br';
  run('tar', ['-xzf', join(scratch, archive), '-C', scratch, member]);
  const compressed = readFileSync(join(scratch, member));
  const sha256 = createHash('sha256').update(compressed).digest('hex');
  if (sha256 !== ARCHIVE_SHA256) throw new Error(`${member} of ${PACKAGE} ${VERSION} is not the file that Ricci knows`);
  const unpacked = join(scratch, 'unpacked');
  mkdirSync(unpacked);
  run('tar', ['-xf', '-', '-C', unpacked], { input: brotliDecompressSync(compressed) });
  return unpacked;
}
