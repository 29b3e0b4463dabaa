import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { placesIn, sourcesIn } from '../../cli/inspect/source-place.ts';
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

it('reads the line itself from its file, else from the map of the module built from it', () => {
  const at = (file: string, line: number) => ({ file: join(folder, file), line, column: 1 });
  const sources = ['src/there.ts', 'src/gone.ts'];
  const sourcesContent = [null, 'first\r\n  second\n'];
  // Line 1 of the module came from line 1 of the first source, line 2 from line 2 of the second.
  const map = { version: 3, sources, sourcesContent, names: [], mappings: 'AAAA;ACCA' };
  writeFileSync(join(folder, 'b.mjs.map'), JSON.stringify(map));
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'src', 'there.ts'), '\tconst there = 1;\n');
  const { line } = sourcesIn([folder]);
  expect(line(at('b.mjs', 1))).toBe('const there = 1;');
  expect(line(at('b.mjs', 2))).toBe('second');
  expect(line(at('src/there.ts', 9))).toBeUndefined();
  expect(line(at('nowhere.ts', 1))).toBeUndefined();
  expect(line(undefined)).toBeUndefined();
});
