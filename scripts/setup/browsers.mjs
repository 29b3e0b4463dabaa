/**
 * The browsers that may open Ricci's pages on this machine, in the order in which they are tried.
 *
 * @typedef {object} Candidate
 * @property {string} name for messages @property {import('playwright-core').LaunchOptions} options
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fetchedChromium } from './headless-chromium.mjs';

/** Distributions of Linux, and Homebrew, put Chromium on the path. */
const PROGRAMS = ['chromium', 'chromium-browser'];

/** What the driver of browsers finds at its usual place on each system. */
const CHANNELS = ['chrome', 'msedge'];

/**
 * A browser that the user chose with CHROME_PATH is not second-guessed. The fetched one comes before those that may be
 * at their usual places, as it was fetched where none was.
 * @param {NodeJS.ProcessEnv} env @returns {readonly Candidate[]}
 */
export function candidates(env) {
  const { CHROME_PATH: chosen } = env;
  if (chosen) return [{ name: `CHROME_PATH ${chosen}`, options: { executablePath: chosen } }];
  const onPath = programsOnPath(env).map((path) => ({ name: path, options: { executablePath: path } }));
  const channels = CHANNELS.map((channel) => ({ name: channel, options: { channel } }));
  const fetched = fetchedChromium(env);
  return [...onPath, ...(fetched === undefined ? [] : [fetched]), ...channels];
}

const programsOnPath = ({ PATH = '' }) =>
  PROGRAMS.flatMap((name) => PATH.split(delimiter).map((folder) => join(folder, name)).filter(isProgram).slice(0, 1));

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
