/**
 * The npm package of a headless Chromium for Linux on x64, which asks for neither apt nor root. Each part of it is
 * checked against the hash that Ricci knows.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { cacheFolder } from './cache-folder.mjs';
import { npm, run } from './run.mjs';

const PACKAGE = '@sparticuz/chromium';
export const VERSION = '149.0.0';
const ARCHIVE = `sparticuz-chromium-${VERSION}.tgz`;

/** SHA-256 of the compressed parts in the package's folder `bin`. */
const PARTS = {
  'chromium.br': '37ba84bfa72f40ca761f31d11c24fda42e70f4ee621c28e7f363ca777b97bd7a',
  'al2023.tar.br': '7c24a0e1752f53cbc1b8f97a756d157c07cc773c1f4f4201690a040f9fa951e5',
  'fonts.tar.br': 'b8580ef8abe530cdeccbd420ceaa5906ee8a60fb1e0505f22e07c59c88f65af5',
  'swiftshader.tar.br': '49cfdf5cf3d15ed1eb5e636619f325ff38c609e27d43d06a129dc54f88f67e29',
};

const NPM_TIMEOUT_MS = 10 * 60_000;

/** 66 MB, kept while this process prepares things, so that it is fetched once for all parts. */
const downloads = () => join(cacheFolder(process.env), `download-${process.pid}`);

/** To be called when all is prepared. */
export const removeDownloads = () => rmSync(downloads(), { recursive: true, force: true });

/**
 * One part, decompressed. @param {keyof typeof PARTS} name @returns {Buffer}
 * @throws Error saying why this machine cannot have it
 */
export function chromiumPart(name) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`there is none for ${process.platform} on ${process.arch}`);
  }
  const member = `package/bin/${name}`;
  const folder = downloads();
  fetchArchive(folder);
  run('tar', ['-xzf', join(folder, ARCHIVE), '-C', folder, member]);
  const compressed = readFileSync(join(folder, member));
  const sha256 = createHash('sha256').update(compressed).digest('hex');
  if (sha256 !== PARTS[name]) throw new Error(`${member} of ${PACKAGE} ${VERSION} is not the file that Ricci knows`);
  return brotliDecompressSync(compressed);
}

/**
 * Unpacks a part that is an archive. @param {keyof typeof PARTS} name
 * @param {string} folder made where it is not there
 */
export function unpackPart(name, folder) {
  mkdirSync(folder, { recursive: true });
  run('tar', ['-xf', '-', '-C', folder], { input: chromiumPart(name) });
}

/** `npm pack` rather than install: one archive, none of its dependencies, no script of it runs. */
function fetchArchive(folder) {
  if (existsSync(join(folder, ARCHIVE))) return;
  mkdirSync(folder, { recursive: true });
  const cache = join(folder, 'npm'); // the archive would otherwise stay in the user's npm cache as well
  const options = ['--loglevel=error', '--fetch-retries=1', '--cache', cache, '--pack-destination', folder];
  const [command, args] = npm(['pack', `${PACKAGE}@${VERSION}`, ...options]);
  run(command, args, { cwd: folder, timeout: NPM_TIMEOUT_MS });
}
