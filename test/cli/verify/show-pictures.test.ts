import { Writable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Terminal } from '../../../cli/io.ts';
import { showOperatorPictures } from '../../../cli/verify/show-pictures.ts';
import type { ReadText } from '../../../verify/index.ts';
import { runs } from '../../support/runs.ts';
import { plain } from '../../verify/pictures/support.ts';

const [LAYERS, HEADS, SIZE] = [2, 4, 8];

const tensor = Float32Array.from({ length: HEADS * SIZE * SIZE }, (_, i) => Math.sin(i));
const layer = { A: tensor, A_LM: tensor, A_P: tensor, G_LM: tensor };
const read: ReadText = { layers: Array.from({ length: LAYERS }, () => layer), attention: [], logits: [] };

const stream = (terminal: Partial<Terminal>): Terminal => Object.assign(new Writable(), terminal);
const depth = (bits: number) => ({ getColorDepth: () => bits });
const shown = (terminal: Partial<Terminal>): string => showOperatorPictures(read, SIZE, stream(terminal));

test('fits a terminal of any width that a picture fits at all, with as many heads as there is room for', () => fc.assert(
  fc.property(fc.integer({ min: 1, max: 200 }), fc.constantFrom(1, 24), (columns, bits) => {
    const lines = plain(shown({ isTTY: true, columns, ...depth(bits) })).split('\n');
    for (const line of lines) expect([...line].length).toBeLessThanOrEqual(Math.max(28, columns));
    const side = bits === 24 ? SIZE : 2 * SIZE;
    const heads = Math.max(1, Math.min(HEADS, Math.floor((Math.max(28, columns) + 2) / (side + 2))));
    expect(lines.filter((line) => line.startsWith('layer '))).toHaveLength(LAYERS);
    const cells = lines.filter((line) => [...line].length === heads * (side + 2) - 2);
    expect(cells.length).toBeGreaterThanOrEqual(LAYERS * (bits === 24 ? SIZE / 2 : SIZE));
  }), runs(60),
));

test('has colours only where a terminal shows all of them', () => {
  const coloured = (terminal: Partial<Terminal>): boolean => shown(terminal) !== plain(shown(terminal));
  expect(coloured({ isTTY: true, columns: 80, ...depth(24) })).toBe(true);
  expect(coloured({ isTTY: true, columns: 80, ...depth(8) })).toBe(false);
  expect(coloured({ isTTY: true, columns: 80 })).toBe(false);
  expect(coloured(depth(24))).toBe(false);
});
