import { factorsFor, narrow } from '../../compiler/passes/narrow.ts';
import type { WeightStorage } from '../../dsl/node.ts';
import type { Device } from '../../runtime/device.ts';
import { firstOutside } from '../support/bound/compare.ts';
import { interpretWithBounds } from '../support/bound/graph.ts';
import { runSource } from '../support/device.ts';
import { narrowed } from '../support/narrow.ts';
import type { GraphReplay } from './replay-file.ts';
import { targetBy } from './schedule.ts';

/**
 * How a device's results differ from the interpreter's, in words; undefined where every number lies within the bound of
 * rounding. A schedule that the device has not is left out.
 */
export async function difference(device: Device, r: GraphReplay): Promise<string | undefined> {
  const storageOf = (name: string): WeightStorage | undefined => r.storages[name];
  const target = targetBy(r.schedule, device);
  const outputs = Object.fromEntries(r.outputs.map((n, i) => [`out${i}`, n]));
  const states = new Map(Object.entries(r.states).map(([label, i]) => [label, r.outputs[i]]));
  const source = { name: 'replay', outputs, states };
  const got = await runSource(device, source, r.env, target, storageOf);
  const kept = narrow(r.outputs, storageOf, factorsFor(target.profile));
  const expected = interpretWithBounds(kept, narrowed(r.env, storageOf));
  return expected.map((e, i) => firstOutside(`out${i}`, got[`out${i}`], e)).find((d) => d !== undefined);
}
