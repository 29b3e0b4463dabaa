import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSafetensors } from '../../runtime/safetensors/index.ts';
import type { RicciError } from '../../dsl/errors.ts';
import { errorOf, fileBytes, temporaryFolder } from './support.ts';

const folder = temporaryFolder();
const path = join(folder, 'bad.safetensors');

async function refusal(bytes: Uint8Array): Promise<RicciError> {
  await writeFile(path, bytes);
  const error = await errorOf(() => openSafetensors(path));
  expect(error.message).toContain(path);
  expect(error.hint).toMatch(/\.$/);
  return error;
}

const f32 = (shape: unknown, begin: unknown, end: unknown): unknown => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

describe('files that cannot be opened', () => {
  it('names a file that is not there', async () => {
    const error = await errorOf(() => openSafetensors(join(folder, 'nowhere.safetensors')));
    expect(error.code).toBe('weights/missing-file');
    expect(error.message).toContain('nowhere.safetensors does not exist');
  });

  it('refuses a folder', async () => {
    await mkdir(join(folder, 'a-folder'));
    const error = await errorOf(() => openSafetensors(join(folder, 'a-folder')));
    expect(error.code).toBe('weights/unreadable');
    expect(error.message).toContain('not a regular file');
  });

  it.each([0, 1, 7])('refuses a file of %i bytes', async (length) => {
    const error = await refusal(new Uint8Array(length));
    expect(error.code).toBe('weights/truncated');
    expect(error.message).toContain(`has ${length} bytes`);
  });

  it('refuses a header that is longer than the file, however long it claims to be', async () => {
    const error = await refusal(new Uint8Array(16).fill(0xff));
    expect(error.code).toBe('weights/truncated');
    expect(error.message).toContain('a header of 18446744073709551615 bytes, but has only 16 bytes');
  });

  it.each([
    ['text', 'not JSON at all', 'weights/header-not-json', 'not a JSON object'],
    ['a list', '[1, 2]', 'weights/header-not-json', 'it is [1,2]'],
    ['null', 'null', 'weights/header-not-json', 'it is null'],
    ['nothing', '', 'weights/header-not-json', 'Unexpected end'],
    ['a byte order mark', '\ufeff{}', 'weights/header-not-json', 'not a JSON object'],
  ])('refuses %s as header', async (_, header, code, message) => {
    const error = await refusal(fileBytes(header));
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });

  it('refuses a header that is not UTF-8', async () => {
    const bytes = fileBytes('{"a": 1}');
    bytes[10] = 0xff;
    const error = await refusal(bytes);
    expect(error.code).toBe('weights/header-not-json');
    expect(error.message).toContain('not valid UTF-8');
  });

  it('refuses nesting that would exhaust the stack', async () => {
    const error = await refusal(fileBytes(`{"a": ${'['.repeat(50000)}${']'.repeat(50000)}}`));
    expect(error.code).toBe('weights/header');
  });
});

describe('headers with problems', () => {
  const cases: readonly (readonly [string, unknown, number, string])[] = [
    ['an unknown dtype', { a: { dtype: 'F99', shape: [1], data_offsets: [0, 4] } }, 4, '"a" has unknown dtype "F99"'],
    ['no dtype', { a: { shape: [1], data_offsets: [0, 4] } }, 4, '"a" has unknown dtype undefined'],
    ['an inherited dtype', { a: { dtype: 'valueOf', shape: [1], data_offsets: [0, 4] } }, 4, 'dtype "valueOf"'],
    ['a negative size', { a: f32([-1], 0, 4) }, 4, '"a" has shape [-1]'],
    ['a fractional size', { a: f32([1.5], 0, 4) }, 4, '"a" has shape [1.5]'],
    ['a size beyond 2^53', { a: f32([1e300], 0, 4) }, 4, '"a" has shape [1e+300]'],
    ['a shape that is no list', { a: f32('2x3', 0, 4) }, 4, '"a" has shape "2x3"'],
    ['no offsets', { a: { dtype: 'F32', shape: [1] } }, 4, '"a" has no data_offsets'],
    ['reversed offsets', { a: f32([1], 4, 0) }, 4, '"a" has data_offsets [4,0]'],
    ['negative offsets', { a: f32([1], -4, 0) }, 4, '"a" has data_offsets [-4,0]'],
    ['three offsets', { a: { dtype: 'F32', shape: [1], data_offsets: [0, 4, 8] } }, 4, 'data_offsets [0,4,8]'],
    ['offsets of another size', { a: f32([2], 0, 4) }, 4, '"a" F32 [2] needs 8 bytes, its offsets hold 4'],
    ['an entry that is no object', { a: 7 }, 0, '"a" is 7, not {dtype, shape, data_offsets}'],
    ['an overlap', { a: f32([2], 0, 8), b: f32([2], 4, 12) }, 12, '"b" starts at byte 4, inside "a" (to 8)'],
    ['a hole', { a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12, '4 unused bytes lie between "a" and "b"'],
    ['a hole at the start', { a: f32([1], 4, 8) }, 8, '4 unused bytes lie between the header and "a"'],
    ['a rest at the end', { a: f32([1], 0, 4) }, 9, '5 unused bytes follow "a"'],
    ['metadata of numbers', { __metadata__: { epoch: 3 } }, 0, '__metadata__ entry "epoch" is 3, not a string'],
    ['metadata that is no object', { __metadata__: 'pt' }, 0, '__metadata__ is "pt", not an object'],
  ];

  it.each(cases)('reports %s', async (_, header, bytes, message) => {
    const error = await refusal(fileBytes(header, new Uint8Array(bytes)));
    expect(error.code).toBe('weights/header');
    expect(error.message).toContain(message);
    expect(error.message.match(/\n  - /g)).toHaveLength(1);
  });

  it('reports a name that occurs twice, however it is escaped', async () => {
    const entry = '{"dtype":"F32","shape":[1],"data_offsets":[0,4]}';
    const error = await refusal(fileBytes(`{"ab":${entry},"\\u0061b":${entry}}`, new Uint8Array(4)));
    expect(error.code).toBe('weights/header');
    expect(error.message).toContain('the name "ab" occurs twice');
  });

  it('does not take equal keys of different objects, or braces in names, for duplicates', async () => {
    await writeFile(path, fileBytes({ '{"a":': f32([1], 0, 4), 'b}"': f32([1], 4, 8) }, new Uint8Array(8)));
    expect((await openSafetensors(path)).tensors.size).toBe(2);
  });

  it('lists tensors in the order of their bytes, an empty one before its neighbour of the same offset', async () => {
    const header = { late: f32([1], 4, 8), early: f32([1], 0, 4), empty: f32([0], 0, 0) };
    await writeFile(path, fileBytes(header, new Uint8Array(8)));
    expect([...(await openSafetensors(path)).tensors.keys()]).toEqual(['empty', 'early', 'late']);
  });

  it('tells a download that broke off from other damage', async () => {
    const error = await refusal(fileBytes({ a: f32([4], 0, 16) }, new Uint8Array(10)));
    expect(error.code).toBe('weights/truncated');
    expect(error.message).toContain('6 bytes of tensor data are missing at the end of the file');
  });

  it('lists every problem at once', async () => {
    const unknown = { dtype: 'F99', shape: [1], data_offsets: [4, 8] };
    const header = { a: f32([-1], 0, 4), b: unknown, c: f32([3], 8, 12), d: 1 };
    const error = await refusal(fileBytes(header, new Uint8Array(12)));
    const subjects = error.message.split('\n  - ').slice(1).map((line) => line.slice(0, 3));
    expect(subjects).toEqual(['"a"', '"b"', '"c"', '"d"']);
  });
});
