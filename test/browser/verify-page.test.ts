import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { textCheckpoint } from '../cli/checkpoints.ts';
import { lent, ricci } from '../cli/support.ts';
import type { Device } from '../../runtime/device.ts';
import { openTestCpu } from '../support/device.ts';
import { temporaryFolder } from '../weights/support.ts';
import { coloursOf, LOOKS, problemsOf, testBrowser } from './support.ts';

const folder = temporaryFolder();
const file = join(folder, 'report.html');
const open = testBrowser();
let cpu: Device;

beforeAll(async () => {
  cpu = await openTestCpu();
  const { dir } = await textCheckpoint(folder, 'v51-small');
  const texts = ['--prompt', 'abcabc', '--prompt', 'cab', '--steps', '4'];
  const { code, stderr } = await ricci(['verify', '--model', dir, ...texts, '--html', file], lent(cpu));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});
afterAll(() => cpu.close());

it.each(LOOKS)('the report has no problem $width px wide in $colorScheme', async (look) => {
  expect(await problemsOf(await open(file, look))).toEqual([]);
});

it('the report shows its headings', async () => {
  const { page } = await open(file);
  for (const heading of await page.getByRole('heading').all()) expect(await heading.isVisible()).toBe(true);
  expect(await page.getByRole('heading').count()).toBeGreaterThan(3);
  expect(await page.getByText(/^G moves by/).first().isVisible()).toBe(true);
});

it('the report folds', async () => {
  const { page } = await open(file);
  const inside = page.locator('details').first().locator(':scope > :not(summary)').first();
  expect(await inside.isVisible()).toBe(false);
  await page.locator('summary').first().click();
  expect(await inside.isVisible()).toBe(true);
});

it('the report draws its pictures', async () => {
  const { page } = await open(file);
  const pictures = await page.locator('section > svg').all();
  expect(pictures.length).toBeGreaterThan(6);
  for (const picture of pictures) expect(await coloursOf(picture)).toBeGreaterThan(2);
});
