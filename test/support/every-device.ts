import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { Device } from '../../runtime/device.ts';
import { CpuDevice } from '../../runtime/cpu/cpu-device.ts';
import { setUpEngine } from '../../scripts/engine.mjs';
import { openTestCpu, openTestDevice } from './device.ts';

// With relaxed SIMD, as the command sets up the engine.
setUpEngine();

/** The devices that tests run on. */
export const DEVICES: readonly { readonly name: string; readonly kind: Device['kind']; open(): Promise<Device> }[] = [
  { name: 'webgpu', kind: 'webgpu', open: openTestDevice },
  { name: 'cpu', kind: 'cpu', open: () => CpuDevice.open({ threads: 1, fused: false }) },
  { name: 'cpu with relaxed SIMD', kind: 'cpu', open: () => openTestCpu() },
];

/**
 * Declares the same tests for every device. `tests` is given the way to the open device, which is there as soon
 * as a hook or a test runs. Errors that a test left behind fail the device that they happened on.
 */
export function onEveryDevice(tests: (device: () => Device) => void): void {
  for (const { name, open } of DEVICES) {
    describe(`on ${name}`, () => {
      let device: Device | undefined;
      beforeAll(async () => { device = await open(); });
      afterAll(() => {
        const errors = device?.takeErrors();
        device?.close();
        expect(errors).toEqual([]);
      });
      tests(() => device ?? expect.unreachable('a device is used before the tests run'));
    });
  }
}

/** Opens every device for the tests of the place where it is called, side by side. */
export function everyDevice(): () => readonly Device[] {
  const devices: Device[] = [];
  beforeAll(async () => { devices.push(...await Promise.all(DEVICES.map(({ open }) => open()))); });
  afterAll(() => devices.forEach((device) => device.close()));
  return () => devices;
}
