import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { candidates } from './browsers.mjs';

const START_TIMEOUT_MS = 30_000;
const TITLE = 'a page of Ricci';

/**
 * Starts the first browser of this machine that opens pages; it fetches none.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<import('playwright-core').Browser>} to be closed by the caller
 * @throws Error that says what was tried, and what to install
 */
export async function openBrowser(env) {
  const problems = [];
  for (const { name, options } of candidates(env)) {
    try {
      return await started(options);
    } catch (thrown) {
      problems.push(`${name}: ${complaint(thrown.message)}`);
    }
  }
  throw new Error(
    `No browser opens pages here (${problems.join('; ')}). Install Chromium or Google Chrome, or name one in ` +
      'CHROME_PATH; on Linux with an x64 processor `npm test` fetches one where it can reach npm.',
  );
}

/** What the browser wrote before it ended, such as a library that is missing; else the first line of the driver. */
const complaint = (message) => /\[err\] (.+)/.exec(message)?.[1] ?? message.split('\n')[0];

/** @param {import('playwright-core').LaunchOptions} options */
async function started(options) {
  const { chromium } = await import('playwright-core'); // not there before the packages are
  // No sandbox, as root and containers have none for a browser: it is to open pages of Ricci only.
  const browser = await chromium.launch({ ...options, chromiumSandbox: false, timeout: START_TIMEOUT_MS });
  try {
    await readFileOf(browser);
    return browser;
  } catch (thrown) {
    await browser.close();
    throw thrown;
  }
}

/** One real page from the temporary folder: a browser out of a snap starts, but sees another such folder. */
async function readFileOf(browser) {
  const folder = mkdtempSync(join(tmpdir(), 'ricci-page-'));
  try {
    const file = join(folder, 'page.html');
    writeFileSync(file, `<!doctype html><title>${TITLE}</title>`);
    const page = await browser.newPage();
    await page.goto(pathToFileURL(file).href, { timeout: START_TIMEOUT_MS });
    if ((await page.title()) !== TITLE) throw new Error('it shows something else than the page');
    await page.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
