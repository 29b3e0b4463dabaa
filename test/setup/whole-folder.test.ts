import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeWhole } from '../../scripts/setup/whole-folder.mjs';
import { temporaryFolder } from '../weights/support.ts';

const folder = temporaryFolder();
const parentFolder = (): string => mkdtempSync(join(folder, 'parent-'));

/** Makes the folder `a` of one file, `done`. */
const make = (parent: string, text: string, meanwhile = (): void => undefined): void =>
  makeWhole(parent, 'a', 'done', (whole, scratch) => {
    writeFileSync(join(scratch, 'rest'), '');
    mkdirSync(whole);
    writeFileSync(join(whole, 'done'), text);
    meanwhile();
  });

const read = (parent: string): string => readFileSync(join(parent, 'a', 'done'), 'utf8');

it('the folder appears when it is whole, and nothing else stays', () => {
  const parent = join(parentFolder(), 'new');
  make(parent, 'text', () => expect(existsSync(join(parent, 'a'))).toBe(false));
  expect(read(parent)).toBe('text');
  expect(readdirSync(parent)).toEqual(['a']);
});

it('nothing stays of one that fails', () => {
  const parent = parentFolder();
  const fail = (): void => {
    throw new Error('no network');
  };
  expect(() => make(parent, 'text', fail)).toThrow('no network');
  expect(readdirSync(parent)).toEqual([]);
});

it('a leftover is replaced, and what another process made meanwhile is kept', () => {
  const parent = parentFolder();
  mkdirSync(join(parent, 'a'));
  make(parent, 'mine', () => make(parent, 'theirs'));
  expect(read(parent)).toBe('theirs');
});
