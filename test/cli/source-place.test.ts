import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { placesIn } from '../../cli/inspect/source-place.ts';
import { temporaryFolder } from '../weights/support.ts';

const folder = temporaryFolder();
const show = placesIn([folder]);

it('shows a file relative to the folder it lies in, and others whole', () => {
  expect(show({ file: join(folder, 'models', 'a.ts'), line: 7, column: 3 })).toBe('models/a.ts:7');
  expect(show({ file: '/elsewhere/a.ts', line: 7, column: 3 })).toBe('/elsewhere/a.ts:7');
  expect(show(undefined)).toBe('-');
});

it('shows the line of the source that a built module came from', () => {
  const built = join(folder, 'a.mjs');
  // Line 1 of the module came from line 1, line 2 from line 5 of the source.
  writeFileSync(
    `${built}.map`,
    JSON.stringify({ version: 3, sources: ['src/a.ts'], names: [], mappings: 'AAAA;AAIA' }),
  );
  expect(show({ file: built, line: 2, column: 1 })).toBe('src/a.ts:5');
});
