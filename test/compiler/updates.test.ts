import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Device } from '../../runtime/device.ts';
import { updating } from '../../verify/arbitraries/graphs/updates.ts';
import { openTestCpu } from '../support/device.ts';
import { onEveryDevice } from '../support/every-device.ts';
import { runs } from '../support/runs.ts';
import { updatesDiffer } from '../support/updates.ts';

const law = (device: () => Device) =>
  fc.asyncProperty(updating, async (c) => { expect(await updatesDiffer(device(), c, c.env, 2)).toBeUndefined(); });

describe('law: a program that replaces weights, run again and again, does to them what the interpreter does', () => {
  onEveryDevice((device, kind) => {
    test('whatever they are made of', () => fc.assert(law(device), runs(kind === 'cpu' ? 100 : 25)));
  });

  describe('on two threads', () => {
    let device: Device;
    beforeAll(async () => { device = await openTestCpu(2, { shareFrom: 0 }); });
    afterAll(() => device.close());
    test('whatever they are made of', () => fc.assert(law(() => device), runs(40)));
  });
});
