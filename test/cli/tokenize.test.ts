import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isJsonObject } from '../../runtime/safetensors/json.ts';
import { FIXTURES } from '../pldr/fixtures.ts';
import { noDevice, ricci, type Run, type World } from './support.ts';

const tokenizer = join(FIXTURES, 'tokenizer', 'paper-32k.model');

const lines = (file: string): readonly Readonly<Record<string, unknown>>[] =>
  readFileSync(join(FIXTURES, 'tokenizer', file), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(isJsonObject);

const jsonl = (objects: readonly unknown[]): string => objects.map((o) => `${JSON.stringify(o)}\n`).join('');
const run = (argv: readonly string[], stdin: World['stdin'] = ''): Promise<Run> => ricci(argv, { ...noDevice, stdin });

describe('the reference texts', () => {
  it('have exactly the reference ids, in order', async () => {
    const texts = lines('encode.jsonl');
    const { code, stdout } = await run(
      ['tokenize', '--tokenizer', tokenizer, '--jsonl'],
      jsonl(texts.map(({ text }) => ({ text }))),
    );
    expect(stdout).toBe(jsonl(texts.map(({ ids }) => ({ ids }))));
    expect(code).toBe(0);
  });

  it('come back from their ids', async () => {
    const texts = lines('encode.jsonl');
    const { code, stdout } = await run(
      ['detokenize', '--tokenizer', tokenizer, '--jsonl'],
      jsonl(texts.map(({ ids }) => ({ ids }))),
    );
    expect(stdout).toBe(jsonl(texts.map(({ decoded }) => ({ text: decoded }))));
    expect(code).toBe(0);
  });

  it("use the bundled checkpoint's tokenizer where none is named", async () => {
    const texts = lines('shakespeare.jsonl');
    const { stdout } = await run(['tokenize', '--jsonl'], jsonl(texts.map(({ text }) => ({ text }))));
    expect(stdout).toBe(jsonl(texts.map(({ ids }) => ({ ids }))));
  });
});

describe('one text', () => {
  it('is an argument, or stdin; its ids are read as they are written', async () => {
    expect(await run(['tokenize', 'First Citizen'])).toEqual({ code: 0, stdout: '557,819\n', stderr: '' });
    expect((await run(['tokenize', '-'], ['First Ci', 'tizen'])).stdout).toBe('557,819\n');
    expect((await run(['detokenize', '557, 819'])).stdout).toBe('First Citizen\n');
    expect((await run(['detokenize', '-'], '557,819\n')).stdout).toBe('First Citizen\n');
  });

  it('has special tokens only where they are asked for', async () => {
    expect((await run(['tokenize', '--bos', '--eos', 'First Citizen'])).stdout).toBe('2,557,819,3\n');
    expect((await run(['tokenize', '--special-tokens', 'First Citizen[END]'])).stdout).toBe('557,819,3\n');
    expect((await run(['detokenize', '557,819,3'])).stdout).toBe('First Citizen\n');
    expect((await run(['detokenize', '--keep-control', '557,819,3'])).stdout).toBe('First Citizen[END]\n');
  });

  it('that is empty has no ids', async () => {
    expect((await run(['tokenize', ''])).stdout).toBe('\n');
    expect((await run(['detokenize', ''])).stdout).toBe('\n');
  });
});

describe('lines', () => {
  test.prop(
    [
      fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { minLength: 1, maxLength: 6 }),
      fc.infiniteStream(fc.nat({ max: 9 })),
    ],
    { numRuns: 40 },
  )('stay apart and in order however their bytes arrive', async (texts, cuts) => {
    // U+2028 ends a line for many readers of lines, and JSON does not escape it.
    const bytes = new TextEncoder().encode(jsonl(texts.map((text) => ({ text: `${text}\u2028` }))));
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      const size = 1 + (cuts.next().value ?? 0);
      chunks.push(bytes.subarray(at, at + size));
      at += size;
    }
    const whole = await run(['tokenize', '--jsonl'], [bytes]);
    expect(await run(['tokenize', '--jsonl'], chunks)).toEqual(whole);
    expect(whole.stdout.split('\n')).toHaveLength(texts.length + 1);
  });

  const good = jsonl([{ text: 'First Citizen' }]);

  it.each([
    ['tokenize', `${good}{"text": 5}\n`, 'Line 2 of the input: "text" is 5, not a string.'],
    ['tokenize', `${good}${good}{"ids": [5]}\n`, 'Line 3 of the input: it has no "text".'],
    ['tokenize', `${good}[5]\n`, 'Line 2 of the input: it is [5], not an object.'],
    ['tokenize', `${good}{"text": \n`, 'Line 2 of the input: it is not JSON.'],
    ['tokenize', `${good}\n${good}`, 'Line 2 of the input: it is empty.'],
    [
      'detokenize',
      '{"ids": [5, -1]}\n',
      'Line 1 of the input: "ids" is [5,-1], not a list of whole numbers from 0 up.',
    ],
    [
      'detokenize',
      '{"ids": [5]}\n{"ids": [1024]}\n',
      'Line 2 of the input: The tokenizer has ids 0 to 1023; it was given 1024.',
    ],
  ])('of %s that cannot be read are named by their number: %j', async (command, stdin, message) => {
    const { code, stdout, stderr } = await run([command, '--jsonl'], stdin);
    expect(stderr).toContain(message);
    expect(code).toBe(3);
    // Nothing is lost: the lines before it are written.
    expect(stdout.split('\n').length - 1).toBe(Number(/Line (\d+)/.exec(stderr)?.[1]) - 1);
  });

  it('that are not UTF-8 are refused', async () => {
    const { code, stderr } = await run(['tokenize', '-'], [Uint8Array.of(0x61, 0xff)]);
    expect(stderr).toContain('The input is not UTF-8 text.');
    expect(code).toBe(3);
  });
});
