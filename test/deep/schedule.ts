import fc from 'fast-check';
import type { Target } from '../../compiler/compile.ts';
import type { VectorHabits } from '../../compiler/loop/schedule.ts';
import { targetOf } from '../../models/pldr/target.ts';
import type { Device } from '../../runtime/device.ts';
import type { Fields, Words } from './fields.ts';

/** How a program is to be compiled for the CPU: the habits of its vectors, and whether products are rounded. */
export interface CpuSchedule {
  readonly kind: 'cpu';
  readonly fused: boolean;
  readonly vectors: VectorHabits;
}

/** How a target may differ from a GPU's own: each choice is one that some device makes. */
export interface GpuSchedule {
  readonly kind: 'webgpu';
  readonly subgroups: boolean;
  readonly tile: number;
  readonly threads: number;
  /** Only the storage buffers that WebGPU guarantees. */
  readonly few: boolean;
}

export type Schedule = CpuSchedule | GpuSchedule;

/** Blocks, panels and chains of all kinds, most of which small graphs would not have. */
const cpuSchedules: fc.Arbitrary<Schedule> = fc.record({
  kind: fc.constant('cpu' as const),
  fused: fc.boolean(),
  vectors: fc.record({
    totals: fc.constantFrom(8, 4, 12, 16), rows: fc.constantFrom(4, 1, 2, 8), streams: fc.constantFrom(8, 1, 3, 4),
    inTurn: fc.constantFrom(3072, 4, 0), chains: fc.constantFrom(4, 1, 2), chunk: fc.constantFrom(128, 2, 5, 8),
    panelFrom: fc.constantFrom(16, 1, 2),
  }),
});

const gpuSchedules: fc.Arbitrary<Schedule> = fc.record({
  kind: fc.constant('webgpu' as const),
  subgroups: fc.boolean(), tile: fc.constantFrom(4, 2, 1), threads: fc.constantFrom(64, 32), few: fc.boolean(),
});

/** Schedules that a tuner might choose; undefined, the device's own, is the simplest. */
export const schedulesFor = (kind: Device['kind']): fc.Arbitrary<Schedule | undefined> =>
  fc.option(kind === 'cpu' ? cpuSchedules : gpuSchedules, { nil: undefined, freq: 9 });

/** What a device is compiled for by a schedule; its own target where the schedule is another kind's. */
export function targetBy(schedule: Schedule | undefined, device: Device): Target {
  const own = targetOf(device);
  if (schedule?.kind !== device.kind) return own;
  switch (schedule.kind) {
    case 'cpu': return { ...own, profile: { ...own.profile, fused: schedule.fused, vectors: schedule.vectors } };
    case 'webgpu': {
      const { tile, threads, subgroups, few } = schedule;
      const subgroup = subgroups ? own.profile.subgroup : undefined;
      const storageBuffers = few ? 8 : own.storageBuffers;
      return { ...own, storageBuffers, profile: { ...own.profile, tile, threads, subgroup } };
    }
  }
}

export const DEVICE_KINDS: Words<Device['kind']> = { cpu: true, webgpu: true };

/** @throws `replay/field` */
export function readSchedule(json: Fields): Schedule {
  const kind = json.word('kind', DEVICE_KINDS);
  switch (kind) {
    case 'cpu': return { kind, fused: json.truth('fused'), vectors: readVectors(json.object('vectors')) };
    case 'webgpu': {
      const [subgroups, few] = [json.truth('subgroups'), json.truth('few')];
      return { kind, subgroups, tile: json.integer('tile'), threads: json.integer('threads'), few };
    }
  }
}

const readVectors = (json: Fields): VectorHabits => ({
  totals: json.integer('totals'), rows: json.integer('rows'), streams: json.integer('streams'),
  inTurn: json.integer('inTurn'), chains: json.integer('chains'), chunk: json.integer('chunk'),
  panelFrom: json.integer('panelFrom'),
});
