import { RicciError } from '../dsl/errors.ts';
import { CpuDevice, type CpuOptions } from './cpu/cpu-device.ts';
import type { Device } from './device.ts';
import { openDevice, type DeviceOptions } from './webgpu/device.ts';
import { openHardware } from './webgpu/hardware.ts';

/** Names of devices: `auto` is a real GPU where there is one, else the CPU, and never a CPU that plays a GPU. */
export const DEVICE_NAMES = ['auto', 'webgpu', 'cpu'] as const;

export type DeviceName = (typeof DEVICE_NAMES)[number];

export interface DeviceChoice {
  /** `auto` by default, `webgpu` where an adapter is named. */
  readonly device?: DeviceName;
  /** Of webgpu alone: `software`, `hardware`, or a part of the adapter's name in any case. */
  readonly adapter?: string;
  /** Of the CPU alone: how many threads compute; the device's own default where this is left out. */
  readonly threads?: number;
  /** Of the CPU alone: a product and a sum are one instruction, which is faster and rounds once. */
  readonly fused?: boolean;
}

/** Who opens the devices; tests give their own. */
export interface Openers {
  /** A real GPU, or undefined; throws nothing. */
  hardware(): Promise<Device | undefined>;
  webgpu(options: DeviceOptions): Promise<Device>;
  cpu(options: CpuOptions): Promise<Device>;
}

const OPENERS: Openers = { hardware: () => openHardware(), webgpu: openDevice, cpu: openCpu };

/** Opens the host's own CPU as a device. */
export function openCpu(options: CpuOptions = {}): Promise<Device> {
  return CpuDevice.open(options);
}

/**
 * Opens the device that is asked for. WebGPU without the name of an adapter is whatever the system prefers, a software
 * adapter included. Dawn is not even loaded for the CPU.
 * @throws RicciError `device/choice`, and what opening throws: `device/no-adapter`, `device/refused`, `device/no-webgpu`,
 * `device/no-relaxed-simd`
 */
export async function chooseDevice(choice: DeviceChoice = {}, openers: Openers = OPENERS): Promise<Device> {
  const { adapter, threads, fused } = choice;
  const cpuOptions = { ...(threads === undefined ? {} : { threads }), ...(fused === true ? { fused } : {}) };
  switch (resolveChoice(choice)) {
    case 'cpu':
      return openers.cpu(cpuOptions);
    case 'webgpu':
      return openers.webgpu(adapter === undefined ? {} : { adapter });
    case 'auto':
      return (await openers.hardware()) ?? openers.cpu(cpuOptions);
  }
}

/** The device that a choice means. @throws RicciError `device/choice` when its parts do not go together */
export function resolveChoice({ device, adapter, threads, fused = false }: DeviceChoice): DeviceName {
  const resolved = device === 'cpu' || adapter === undefined ? (device ?? 'auto') : 'webgpu';
  const problems: string[] = [];
  if (resolved === 'cpu' && adapter !== undefined) {
    problems.push(`The adapter "${adapter}" is asked for, and the device cpu has no adapters.`);
  }
  if (resolved === 'webgpu' && threads !== undefined) {
    problems.push(`threads is ${threads}, and only the device cpu can be told how many.`);
  }
  if (resolved === 'webgpu' && fused) {
    problems.push('fused is asked for, and only the device cpu has a choice there.');
  }
  if (threads !== undefined && !(Number.isSafeInteger(threads) && threads >= 1)) {
    problems.push(`threads is ${threads}, and must be a whole number from 1 up.`);
  }
  if (problems.length === 0) return resolved;
  throw new RicciError({
    code: 'device/choice',
    message: problems.join(' '),
    hint: 'An adapter goes with the device webgpu, threads and fused with the device cpu.',
  });
}
