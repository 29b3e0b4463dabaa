import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../weights/support.ts';
import { coloursOf, problemsOf, testBrowser, type OpenedPage } from './support.ts';

const folder = temporaryFolder();
const open = testBrowser();

async function opened(body: string): Promise<OpenedPage> {
  const file = join(folder, 'page.html');
  await writeFile(file, `<!doctype html><meta charset="utf-8"><title>page</title><body>${body}`);
  return open(file);
}

it('plain text is no problem', async () => {
  expect(await problemsOf(await opened('<p>text <details><summary>more</summary>text</details>'))).toEqual([]);
});

it.each([
  ['words for the console', '<script>console.log("here")</script>', /^log: here$/],
  ['an error', '<script>missing()</script>', /^ReferenceError: missing is not defined$/],
  ['a request', '<img alt="" src="http://localhost/a.png">', /^http:.+a\.png$/],
  ['too wide a text', '<p style="width: 2000px">text', /^20\d\d px wide in a window of 1280 px$/],
  ['too wide a text that is folded', '<details><p style="width: 2000px">text</details>', /^20\d\d px wide/],
  ['grey on white', '<p style="color: #888">text', /^3\.54 <p style/],
  ['grey on grey', '<div style="background: #ddd"><p style="color: #777">text</div>', /^3\.30 <p style/],
])('%s is a problem', async (_, body, problem) => {
  expect(await problemsOf(await opened(body))).toContainEqual(expect.stringMatching(problem));
});

it('a picture has more colours than an empty one', async () => {
  const { page } = await opened('<svg id="a"></svg><svg id="b"><circle r="9" fill="red"/></svg>');
  expect(await coloursOf(page.locator('#a'))).toBe(1);
  expect(await coloursOf(page.locator('#b'))).toBeGreaterThan(1);
});
