import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, it } from 'vitest';
import { candidates } from '../../scripts/setup/browsers.mjs';
import { openBrowser } from '../../scripts/setup/open-browser.mjs';
import { temporaryFolder } from '../weights/support.ts';

const parent = temporaryFolder();

/** An empty machine: its home, and two folders on its path. */
function machine(): { readonly env: NodeJS.ProcessEnv; readonly first: string; readonly second: string } {
  const home = mkdtempSync(join(parent, 'home-'));
  const [first, second] = ['first', 'second'].map((name) => join(home, name));
  for (const folder of [first, second]) mkdirSync(folder);
  return { env: { XDG_CACHE_HOME: home, PATH: [first, second].join(delimiter) }, first, second };
}

const program = (folder: string, name: string, text = '', mode = 0o755): string => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), text, { mode });
  return join(folder, name);
};

const names = (env: NodeJS.ProcessEnv): readonly string[] => candidates(env).map((c) => c.name);

it('browsers at their usual places are always tried', () => {
  expect(names(machine().env)).toEqual(['chrome', 'msedge']);
});

it('Chromium on the path comes first, as a shell would find it', () => {
  const { env, first, second } = machine();
  program(first, 'chromium', '', 0o644);
  const found = program(second, 'chromium');
  const other = program(first, 'chromium-browser');
  program(second, 'chromium-browser');
  expect(names(env)).toEqual([found, other, 'chrome', 'msedge']);
});

it('the browser that CHROME_PATH names is the only one', () => {
  const { env, first } = machine();
  program(first, 'chromium');
  expect(candidates({ ...env, CHROME_PATH: '/my/chrome' })).toEqual([
    { name: 'CHROME_PATH /my/chrome', options: { executablePath: '/my/chrome' } },
  ]);
});

it('the fetched Chromium comes next, and its libraries are for it alone', () => {
  const { env, first } = machine();
  const installed = program(first, 'chromium');
  const folder = join(String(env['XDG_CACHE_HOME']), 'ricci', 'browsers', 'chromium-149.0.0');
  const fetched = program(folder, 'chromium');
  const found = candidates({ ...env, LD_LIBRARY_PATH: '/mine' });
  expect(found.map((c) => c.name)).toEqual([installed, fetched, 'chrome', 'msedge']);
  expect(found[1].options).toMatchObject({
    executablePath: fetched, env: { LD_LIBRARY_PATH: `${join(folder, 'lib')}:/mine` },
  });
});

it('where no browser opens pages, it is said why, and what to install', async () => {
  const { env, first } = machine();
  const broken = program(first, 'broken', '#!/bin/sh\necho "lib.so: cannot open shared object file" >&2\nexit 127\n');
  await expect(openBrowser({ ...env, CHROME_PATH: broken })).rejects.toThrow(
    `No browser opens pages here (CHROME_PATH ${broken}: lib.so: cannot open shared object file). ` +
      'Install Chromium or Google Chrome, or name one in CHROME_PATH;',
  );
});
