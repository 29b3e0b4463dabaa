import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { noDevice, ricci } from '../cli/support.ts';
import { temporaryFolder } from '../weights/support.ts';
import { coloursOf, LOOKS, problemsOf, testBrowser } from './support.ts';

const file = join(temporaryFolder(), 'programs.html');
const open = testBrowser();

beforeAll(async () => {
  const { code, stderr } = await ricci(['inspect', '--html', file], noDevice);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

it.each(LOOKS)('the programs have no problem $width px wide in $colorScheme', async (look) => {
  expect(await problemsOf(await open(file, look))).toEqual([]);
});

/** Kernels that are listed, whether or not the layer around them is folded. */
const listed = (page: Page): Promise<number> => page.locator('.kernel:not(.missed)').count();

describe('the search box', () => {
  it('leaves what has the word, opens it, and says how many', async () => {
    const { page, messages } = await open(file);
    const all = await listed(page);
    await page.getByRole('searchbox').fill('softmax');
    await page.getByText(/^\d+ of \d+ kernels/).waitFor();
    const found = await listed(page);
    expect(found).toBeGreaterThan(0);
    expect(found).toBeLessThan(all);
    expect(await page.locator('.kernel:visible').count()).toBe(found);
    expect(await page.getByRole('status').textContent()).toContain(`${found} of ${all} kernels`);
    expect(messages).toEqual([]);
  });

  it('hides everything for what is nowhere, and nothing when it is emptied', async () => {
    const { page, messages } = await open(file);
    const all = await listed(page);
    await page.keyboard.press('/');
    await page.keyboard.type('no such word (');
    await page.getByText(/^0 of \d+ kernels/).waitFor();
    expect(await listed(page)).toBe(0);
    await page.keyboard.press('Escape');
    expect(await listed(page)).toBe(all);
    expect(messages).toEqual([]);
  });
});

it('layers unfold and fold, and a button folds all', async () => {
  const { page, messages } = await open(file);
  const layer = page.locator('#step .layer').first();
  const kernel = layer.locator('.kernel').first();
  expect(await kernel.isVisible()).toBe(false);
  await layer.locator('> summary').click();
  expect(await kernel.isVisible()).toBe(true);
  await kernel.locator('> summary').click();
  expect(await kernel.getByText('Computes').isVisible()).toBe(true);
  await page.getByRole('button', { name: 'Fold all' }).click();
  expect(await page.locator('main details[open]').count()).toBe(0);
  expect(messages).toEqual([]);
});

it('the text of a kernel is shown where it is opened', async () => {
  const { page, messages } = await open(file);
  await page.locator('#step .layer').first().locator('> summary').click();
  const kernel = page.locator('#step .kernel').first();
  await kernel.locator('> summary').click();
  await kernel.locator('.code > summary').click();
  await kernel.locator('.code pre').waitFor();
  expect(await kernel.locator('.code pre').textContent()).toContain('@compute');
  expect(messages).toEqual([]);
});

describe('the drawing', () => {
  it('is drawn', async () => {
    const { page } = await open(file);
    for (const svg of await page.locator('figure svg').all()) expect(await coloursOf(svg)).toBeGreaterThan(2);
  });

  it.each([
    ['Larger (+)', (before: number, after: number) => after < before],
    ['Smaller (−)', (before: number, after: number) => after > before],
  ])('shows another part of it with %s', async (name, holds) => {
    const { page, messages } = await open(file);
    const figure = page.locator('#step figure');
    const width = async (): Promise<number> =>
      Number((await figure.locator('svg').getAttribute('viewBox'))?.split(' ')[2]);
    const before = await width();
    await figure.getByRole('button', { name }).click();
    expect(holds(before, await width())).toBe(true);
    expect(messages).toEqual([]);
  });

  it('leads to a kernel', async () => {
    const { page, messages } = await open(file);
    await page.locator('#step figure .box').first().click();
    await page.locator('#step .kernel.chosen[open]').waitFor();
    expect(messages).toEqual([]);
  });
});
