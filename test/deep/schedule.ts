import fc from 'fast-check';
import type { Target } from '../../compiler/target.ts';
import { NO_SLABS, profileBy, type Schedule, type SlabHabits } from '../../compiler/loop/schedule.ts';
import { readSchedule as readOwn } from '../../compiler/tune/schedule-json.ts';
import { targetOf } from '../../models/pldr/target.ts';
import type { Device } from '../../runtime/device.ts';
import type { Fields, Words } from './fields.ts';

/** How a program is to be compiled for the CPU: how its kernels are blocked, and whether products are rounded. */
export interface CpuSchedule {
  readonly kind: 'cpu';
  readonly fused: boolean;
  readonly own: Partial<Schedule>;
}

/** How a target may differ from a GPU's own: each choice is one that some device makes. */
export interface GpuSchedule {
  readonly kind: 'webgpu';
  /** Only the storage buffers that WebGPU guarantees. */
  readonly few: boolean;
  /** Whether cells hold what they make row by row. */
  readonly chains: boolean;
  readonly own: Partial<Schedule>;
}

export type DeviceSchedule = CpuSchedule | GpuSchedule;

/** Blocks, panels and chains of all kinds, most of which small graphs would not have. */
const vectorBlocks: fc.Arbitrary<Partial<Schedule>> = fc.record({
  onlineChunk: fc.constantFrom(64, 4, 16, 128),
  vectors: fc.record({
    totals: fc.constantFrom(8, 4, 12, 16), rows: fc.constantFrom(4, 1, 2, 8), streams: fc.constantFrom(8, 1, 3, 4),
    inTurn: fc.constantFrom(3072, 4, 0), chains: fc.constantFrom(4, 1, 2), chunk: fc.constantFrom(128, 2, 5, 8),
    panelFrom: fc.constantFrom(16, 1, 2),
  }),
});

/** Blocks of workgroups: small ones, so that small products have some and edges too. */
export const slabBlocks: fc.Arbitrary<SlabHabits> = fc.record({
  depth: fc.constantFrom(4, 8, 16), rows: fc.constantFrom(4, 1, 8, 16), columns: fc.constantFrom(4, 2, 8, 32),
  ownRows: fc.constantFrom(1, 2, 4), ownColumns: fc.constantFrom(1, 2, 4), from: fc.constant(1),
});

/** Tiles, and what lanes share: of all kinds too. */
const laneBlocks: fc.Arbitrary<Partial<Schedule>> = fc.record({
  subgroups: fc.boolean(), lanes: fc.constantFrom(32, 8, 64), threads: fc.constantFrom(64, 32, 128),
  tile: fc.constantFrom(4, 2, 1), tileRows: fc.constantFrom(8, 1, 2, 4, 16), tileColumns: fc.constantFrom(4, 1, 2, 8),
  sharedFrom: fc.constantFrom(64, 1, 16, 1024), sharedTotals: fc.constantFrom(2, 1, 4),
  onlineChunk: fc.constantFrom(64, 4, 32, 128), onlineParts: fc.constantFrom(1, 2, 3, 4, 8),
  slabs: fc.oneof(fc.constant(NO_SLABS), slabBlocks),
});

/** How kernels of a kind of device may be blocked. */
export const blocksFor = (kind: Device['kind']): fc.Arbitrary<Partial<Schedule>> =>
  (kind === 'cpu' ? vectorBlocks : laneBlocks);

const cpuSchedules: fc.Arbitrary<DeviceSchedule> =
  fc.record({ kind: fc.constant('cpu' as const), fused: fc.boolean(), own: vectorBlocks });

const gpuSchedules: fc.Arbitrary<DeviceSchedule> =
  fc.record({ kind: fc.constant('webgpu' as const), few: fc.boolean(), chains: fc.boolean(), own: laneBlocks });

/** Schedules that a tuner might choose; undefined, the device's own, is the simplest. */
export const schedulesFor = (kind: Device['kind']): fc.Arbitrary<DeviceSchedule | undefined> =>
  fc.option(kind === 'cpu' ? cpuSchedules : gpuSchedules, { nil: undefined, freq: 9 });

/** What a device is compiled for by a schedule; its own target where the schedule is another kind's. */
export function targetBy(schedule: DeviceSchedule | undefined, device: Device): Target {
  const own = targetOf(device);
  if (schedule?.kind !== device.kind) return own;
  const profile = profileBy(own.profile, schedule.own);
  switch (schedule.kind) {
    case 'cpu': return { ...own, profile: { ...profile, fused: schedule.fused } };
    case 'webgpu': {
      const { few, chains } = schedule;
      return { ...own, profile: { ...profile, chains }, storageBuffers: few ? 8 : own.storageBuffers };
    }
  }
}

export const DEVICE_KINDS: Words<Device['kind']> = { cpu: true, webgpu: true };

/** @throws `replay/field`, `compiler/schedule` */
export function readSchedule(json: Fields): DeviceSchedule {
  const kind = json.word('kind', DEVICE_KINDS);
  const own = readOwn(json.raw('own'));
  switch (kind) {
    case 'cpu': return { kind, fused: json.truth('fused'), own };
    case 'webgpu': return { kind, few: json.truth('few'), chains: json.truth('chains'), own };
  }
}
