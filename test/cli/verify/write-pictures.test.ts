import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeOutput, writePictures } from '../../../cli/verify/write-pictures.ts';
import type { Picture } from '../../../verify/index.ts';
import { temporaryFolder } from '../../weights/support.ts';

const folder = temporaryFolder();

const PICTURES: readonly Picture[] = [
  { name: 'drift', svg: () => '<svg/>' }, { name: 'G_LM', svg: () => '<svg>G</svg>', png: () => Uint8Array.of(137, 80) },
];

test('each picture becomes a file, or two, in a folder that is made', async () => {
  const place = join(folder, 'a', 'b');
  await writePictures(place, PICTURES);
  expect((await readdir(place)).sort()).toEqual(['G_LM.png', 'G_LM.svg', 'drift.svg']);
  expect(await readFile(join(place, 'G_LM.svg'), 'utf8')).toBe('<svg>G</svg>');
  expect([...await readFile(join(place, 'G_LM.png'))]).toEqual([137, 80]);
  await writePictures(place, PICTURES);
});

test('a folder that cannot be made is named', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  for (const place of [file, join(file, 'below')]) {
    await expect(writePictures(place, PICTURES)).rejects.toMatchObject({
      code: 'input/write', message: expect.stringContaining(`${place} could not be written: `),
      hint: 'Choose a folder that exists, or a place where you may make one.',
    });
  }
});

test('a file that cannot be written is named', async () => {
  const file = join(folder, 'no', 'such', 'file');
  await expect(writeOutput(file, '')).rejects.toMatchObject({
    code: 'input/write', message: expect.stringContaining(`${file} could not be written: `),
  });
});
