import { fetchedChromium, prepareChromium } from './headless-chromium.mjs';
import { openBrowser } from './open-browser.mjs';
import { say } from './run.mjs';

/**
 * Makes sure that this machine has a browser that opens pages, if it can: an installed one, else a headless Chromium
 * out of npm in a private folder. Never throws: without a browser, the tests of pages fail and say what to install.
 */
export async function ensureBrowser() {
  let problem = await tryBrowser();
  if (problem === undefined) return;
  if (!process.env.CHROME_PATH && fetchedChromium(process.env) === undefined) {
    problem = fetchChromium() ?? (await tryBrowser());
  }
  if (problem !== undefined) say(`tests of pages will fail: ${problem}`);
}

/** @returns {Promise<string | undefined>} why no browser opens pages; undefined where one does */
async function tryBrowser() {
  try {
    const browser = await openBrowser(process.env);
    await browser.close();
    return undefined;
  } catch (thrown) {
    return thrown.message;
  }
}

/** @returns {string | undefined} why it cannot be had */
function fetchChromium() {
  say('no browser opens pages here: fetching a headless Chromium from npm (66 MB) into a private folder');
  try {
    prepareChromium(process.env);
    return undefined;
  } catch (thrown) {
    return `Chromium cannot be had (${thrown.message}). Install Chromium or Google Chrome, or name one in CHROME_PATH.`;
  }
}
