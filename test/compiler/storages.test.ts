import { describe, expect, test } from 'vitest';
import { axis, dot, input, parameter, type Node, type WeightStorage } from '../../dsl/index.ts';
import type { Device } from '../../runtime/device.ts';
import { widenBf16, widenF16 } from '../../runtime/safetensors/half.ts';
import { runGraph } from '../support/device.ts';
import { onEveryDevice } from '../support/every-device.ts';

/** Every finite number of a storage. */
function everyNumber(storage: 'bf16' | 'f16' | 'int8'): Float32Array {
  if (storage === 'int8') return Float32Array.from({ length: 256 }, (_, i) => Math.max(-127, i - 128));
  const wide = new Float32Array(1 << 16);
  (storage === 'f16' ? widenF16 : widenBf16)(Uint16Array.from(wide, (_, i) => i), wide);
  return wide.map((v) => (Number.isFinite(v) ? v : 0));
}

/** Below what a device may take numbers for zero: WGSL allows it below the normal ones, where bits are unpacked too. */
const smallest: Readonly<Record<Device['kind'], Readonly<Record<WeightStorage, number>>>> = {
  cpu: { f32: 0, bf16: 0, f16: 0, int8: 0 },
  webgpu: { f32: 2 ** -126, bf16: 2 ** -126, f16: 2 ** -14, int8: 0 },
};

/** A weight, and each entry of its rows as a product with a row of the identity, whose terms but one are zero. */
function rowsRead(storage: WeightStorage, count: number, length: number): Node {
  const [row, entry, place] = [axis('row', Math.floor(count / length)), axis('entry', length), axis('place', length)];
  return dot(parameter('w', [row, entry], { storage }), input('identity', [place, entry]), entry).node;
}

const identity = (length: number): Float64Array =>
  Float64Array.from({ length: length * length }, (_, i) => Number(i % (length + 1) === 0));

onEveryDevice((device) => {
  describe.each(['bf16', 'f16', 'int8'] as const)('all numbers of %s are read exactly', (storage) => {
    const numbers = everyNumber(storage);

    const check = async (out: Node, length: number): Promise<void> => {
      const env = {
        inputs: { identity: { names: ['place', 'entry'], sizes: [length, length], data: identity(length) } },
        parameters: { w: { names: ['w'], sizes: [numbers.length], data: Float64Array.from(numbers) } },
      };
      const { out: { data } } = await runGraph(device(), { out }, env);
      const least = smallest[device().kind][storage];
      const isRead = (got: number, i: number): boolean =>
        got === numbers[i] || (got === 0 && Math.abs(numbers[i]) < least);
      const wrong = data.findIndex((got, i) => !isRead(got, i));
      expect(wrong < 0 ? undefined : [numbers[wrong], data[wrong]]).toBeUndefined();
    };

    test('as they lie', () => check(parameter('w', [axis('row', numbers.length)], { storage }).node, 1));

    test.each([3, 4, 6, 8])('from rows of %i, which begin inside words if they are shorter than a vector', (length) =>
      check(rowsRead(storage, numbers.length, length), length));
  });
});
