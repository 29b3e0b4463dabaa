import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { Device } from '../../runtime/device.ts';
import { setUpEngine } from '../../scripts/engine.mjs';
import { openTestCpu, openTestDevice } from './device.ts';

// Relaxed SIMD is there then, as for the command.
setUpEngine();

/** The kinds of devices that tests run on. */
export const DEVICES: readonly { readonly kind: Device['kind']; open(): Promise<Device> }[] = [
  { kind: 'webgpu', open: openTestDevice },
  { kind: 'cpu', open: () => openTestCpu() },
];

const openFused = (): Promise<Device> => openTestCpu(1, { fused: true });

/**
 * Declares the same tests for every kind of device. `tests` is given the way to the open device, which is there as soon
 * as a hook or a test runs, and its kind, which is known before. Errors that a test left behind fail the kind that they happened on.
 */
export function onEveryDevice(tests: (device: () => Device, kind: Device['kind']) => void): void {
  for (const { kind, open } of DEVICES) {
    describe(`on ${kind}`, () => {
      let device: Device | undefined;
      beforeAll(async () => { device = await open(); });
      afterAll(() => {
        const errors = device?.takeErrors();
        device?.close();
        expect(errors).toEqual([]);
      });
      tests(() => device ?? expect.unreachable('a device is used before the tests run'), kind);
    });
  }
}

/** Opens one device of every kind, and the CPU with relaxed SIMD, side by side, for the tests of the place of the call. */
export function everyDevice(): () => readonly Device[] {
  const devices: Device[] = [];
  beforeAll(async () => {
    devices.push(...await Promise.all([...DEVICES.map(({ open }) => open()), openFused()]));
  });
  afterAll(() => devices.forEach((device) => device.close()));
  return () => devices;
}
