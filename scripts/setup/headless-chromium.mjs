/** A headless Chromium in a private folder, with the libraries and a font that a bare system lacks. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder.mjs';
import { chromiumPart, unpackPart, VERSION } from './chromium-package.mjs';
import { makeWhole } from './whole-folder.mjs';

const NAME = `chromium-${VERSION}`;
const LIBRARIES = 'lib'; // as the package's archive of libraries has it
const FONTS = 'fonts.conf'; // in the archive of fonts one for another place, which is replaced
const PROGRAM = 'chromium';

/** A relative folder is read from that of the settings themselves. */
const FONT_SETTINGS =
  '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">\n' +
  '<fontconfig><dir prefix="relative">fonts</dir><cachedir prefix="xdg">fontconfig</cachedir></fontconfig>\n';

const parentFolder = (env) => join(cacheFolder(env), 'browsers');

/**
 * Fetches it. @param {NodeJS.ProcessEnv} env
 * @throws Error saying why this machine cannot have it
 */
export function prepareChromium(env) {
  makeWhole(parentFolder(env), NAME, PROGRAM, (whole) => {
    unpackPart('al2023.tar.br', whole);
    unpackPart('fonts.tar.br', whole);
    writeFileSync(join(whole, FONTS), FONT_SETTINGS);
    writeFileSync(join(whole, PROGRAM), chromiumPart('chromium.br'), { mode: 0o755 });
  });
}

/**
 * The fetched Chromium, if it is there. Its libraries are for its own process alone.
 * @param {NodeJS.ProcessEnv} env @returns {import('./browsers.mjs').Candidate | undefined}
 */
export function fetchedChromium(env) {
  const folder = join(parentFolder(env), NAME);
  const executablePath = join(folder, PROGRAM);
  if (!existsSync(executablePath)) return undefined;
  const paths = [join(folder, LIBRARIES), env.LD_LIBRARY_PATH].filter(Boolean);
  const own = { LD_LIBRARY_PATH: paths.join(':'), FONTCONFIG_FILE: join(folder, FONTS) };
  return { name: executablePath, options: { executablePath, env: { ...env, ...own } } };
}
