import { pathToFileURL } from 'node:url';
import { PNG } from 'pngjs';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { openBrowser } from '../../scripts/setup/open-browser.mjs';
import { faintTexts, unfold, widths } from './in-page.mjs';

/** In what a page is looked at. */
export interface Look {
  /** Of the window, in CSS pixels. */
  readonly width: number;
  readonly colorScheme: 'light' | 'dark';
}

/** A desktop and a telephone, by day and by night. */
export const LOOKS: readonly Look[] = [1280, 390].flatMap((width) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })));

export interface OpenedPage {
  readonly page: Page;
  /** What the page said to the console, and errors that nothing caught. */
  readonly messages: readonly string[];
  /** Addresses of all that was asked for, the page itself first. */
  readonly requests: readonly string[];
}

/** Opens files in a browser that is closed after the tests of this file. A test fails where there is none. */
export function testBrowser(): (file: string, look?: Look) => Promise<OpenedPage> {
  let browser: Promise<Browser>;
  beforeAll(() => {
    browser = openBrowser(process.env);
    browser.catch(() => undefined); // each test that opens a page says it
  });
  afterAll(async () => (await browser.catch(() => undefined))?.close());
  return async (file, { width, colorScheme } = LOOKS[0]) => {
    const context = await (await browser).newContext({ viewport: { width, height: 800 }, colorScheme, offline: true });
    const page = await context.newPage();
    const messages: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => messages.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => messages.push(String(error)));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    return { page, messages, requests };
  };
}

/** The contrast that WCAG 2.2 asks of texts at level AA. */
const READABLE = 4.5;

/**
 * What is wrong with a page, folded and unfolded: it is to need nothing else and say nothing to the console, to fit its
 * window, and to have texts that can be read.
 */
export async function problemsOf({ page, messages, requests }: OpenedPage): Promise<readonly string[]> {
  const folded = await excessWidth(page);
  await page.evaluate(unfold);
  const unfolded = await excessWidth(page);
  const faint = await page.evaluate(faintTexts, READABLE);
  return [...folded, ...unfolded, ...faint, ...messages, ...requests.slice(1)];
}

/** The page as a whole is not to be scrolled sideways; its boxes may be. */
async function excessWidth(page: Page): Promise<readonly string[]> {
  const { content, window } = await page.evaluate(widths);
  return content > window ? [`${content} px wide in a window of ${window} px`] : [];
}

/** How many colours an element shows: one where nothing is drawn. */
export async function coloursOf(element: Locator): Promise<number> {
  const { data } = PNG.sync.read(await element.screenshot());
  return new Set(new Uint32Array(data.buffer, data.byteOffset, data.length / 4)).size;
}
