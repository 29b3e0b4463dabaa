import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firstApart } from '../support/bound/compare.ts';
import { interpretWithBounds } from '../support/bound/graph.ts';
import { runGraph } from '../support/device.ts';
import { everyDevice } from '../support/every-device.ts';
import { fusible, graphs, type GraphCase } from '../../verify/arbitraries/graphs/index.ts';
import { runs } from '../support/runs.ts';

const devices = everyDevice();

async function difference(c: GraphCase): Promise<string | undefined> {
  const named = Object.fromEntries(c.outputs.map((n, i) => [`out${i}`, n]));
  const [first, ...others] = await Promise.all(devices().map((device) => runGraph(device, named, c.env)));
  const bounds = interpretWithBounds(c.outputs, c.env);
  return others
    .flatMap((other) => bounds.map((b, i) => firstApart(`out${i}`, first[`out${i}`], other[`out${i}`], b)))
    .find((d) => d !== undefined);
}

describe('all devices compute the same, within the sum of what each may err', () => {
  test.each([
    ['random graphs over all kinds of nodes', graphs],
    ['graphs with the shapes that fusion looks for', fusible],
  ] as const)('for %s', (_, arbitrary) => fc.assert(
    fc.asyncProperty(arbitrary, async (c) => { expect(await difference(c)).toBeUndefined(); }),
    runs(25),
  ));
});
