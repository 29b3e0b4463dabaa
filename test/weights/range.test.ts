import { expect, test } from 'vitest';
import { axis, parameter } from '../../dsl/index.ts';
import { runGraph } from '../support/device.ts';
import { onEveryDevice } from '../support/every-device.ts';

const LENGTH = 9;
const weight = parameter('layer.w', [axis('entry', LENGTH)]).node;

onEveryDevice((device) => {
  const kept = async (entry: number): Promise<number> => {
    const data = new Float64Array(LENGTH).fill(1);
    data[5] = entry;
    const env = { parameters: { 'layer.w': { names: ['entry'], sizes: [LENGTH], data } } };
    return (await runGraph(device(), { out: weight }, env, undefined, () => 'f16')).out.data[5];
  };

  test.each([65519, -65519])('the largest number of f16 stands for %d', async (entry) => {
    expect(await kept(entry)).toBe(Math.sign(entry) * 65504);
  });

  test.each([65520, -1e30, Infinity, NaN])('%d cannot be kept as f16, and there is a way out', async (entry) => {
    await expect(kept(entry)).rejects.toMatchObject({
      code: 'weights/range',
      sentence: `The weight "layer.w" holds ${Math.fround(entry)} at its entry 5, ` +
        'and f16 holds numbers from -65504 to 65504.',
      hint: expect.stringContaining('bf16'),
    });
  });
});
