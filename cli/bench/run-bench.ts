import { cpus, loadavg } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { WeightStorage } from '../../dsl/node.ts';
import { loadConfig } from '../../models/pldr/index.ts';
import { resolveChoice, type DeviceChoice } from '../../runtime/open.ts';
import type { Io } from '../io.ts';
import { write } from '../output.ts';
import { tunedSchedules } from '../tune/tuned-schedules.ts';
import { writeOutput } from '../verify/write-pictures.ts';
import type { Bench } from './bench.ts';
import { SUITES, type Case, type SuiteName } from './case.ts';
import { formatted, type Format } from './formats/index.ts';
import { kernelSizes } from './kernels/sizes.ts';
import { labelOf, sample, together, type Measured, type Measuring, type Samples } from './measure.ts';
import { BenchModel, type ModelFiles } from './models/bench-model.ts';
import { resultOf, type BenchReport, type LeftOutCase } from './report.ts';
import { roofCases, roofsOf, type RoofCases } from './roofs.ts';
import { status } from './status.ts';
import { casesOf } from './suites.ts';
import { Trace } from './trace.ts';

export interface BenchFlags extends DeviceChoice {
  readonly model: string;
  readonly weights: WeightStorage;
  /** Whether a model's kernels have the schedules that were found for the device. */
  readonly tuned?: boolean;
  readonly suite: readonly (SuiteName | 'all')[];
  /** For each case in each round. */
  readonly seconds: number;
  readonly rounds: number;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly md?: boolean;
  readonly trace?: string;
}

/**
 * Measures a device's roofs and the suites that are asked for, and prints them.
 * @param sizesFor how large the kernels of a device are
 * @throws RicciError `bench/wrong` where a result is not right: nothing is printed then
 */
export async function runBench(io: Io, flags: BenchFlags, sizesFor = kernelSizes): Promise<void> {
  resolveChoice(flags);
  const suites = SUITES.filter((name) => flags.suite.includes(name) || flags.suite.includes('all'));
  const files = suites.some((name) => name !== 'kernels') ? await filesOf(flags) : undefined;
  const device = await io.openDevice(flags);
  try {
    const { seconds } = flags;
    const schedules = await tunedSchedules(io, device, flags.tuned);
    const bench: Bench = {
      device, now: () => io.now(), seconds, sizes: sizesFor(device.limits),
      ...(schedules === undefined ? {} : { schedules }),
    };
    const model = files === undefined ? undefined : new BenchModel(bench, io, files);
    try {
      const trace = flags.trace === undefined ? undefined : new Trace(bench.now, device.name);
      const cases = suites.flatMap((name) => casesOf(name, bench, model));
      const report = await measured(bench, cases, flags.rounds, trace, status(io.stderr));
      if (trace !== undefined && flags.trace !== undefined) await writeOutput(flags.trace, trace.json());
      await write(io.stdout, formatted(files === undefined ? report : ofModel(report, flags, bench), formatOf(flags)));
    } finally {
      model?.release();
    }
  } finally {
    device.close();
  }
}

/** @throws RicciError `config/…` */
const filesOf = async ({ model, weights }: BenchFlags): Promise<ModelFiles> =>
  ({ dir: model, storage: weights, config: await loadConfig(join(model, 'config.json')) });

function formatOf({ json, csv, md }: BenchFlags): Format {
  if (json === true) return 'json';
  if (csv === true) return 'csv';
  return md === true ? 'md' : 'text';
}

const ofModel = (report: BenchReport, { model, weights }: BenchFlags, { schedules }: Bench): BenchReport => {
  const tuned = schedules === undefined ? {} : { tuned: Object.keys(schedules).length };
  return { ...report, settings: { ...report.settings, model: basename(resolve(model)), weights, ...tuned } };
};

type Show = (text: string) => void;

/** Roofs first, and then all cases, round after round, so that what else a machine does falls on all alike. */
async function measured(
  bench: Bench, cases: readonly Case[], rounds: number, trace: Trace | undefined, show: Show,
): Promise<BenchReport> {
  const { seconds, now } = bench;
  const measuring: Measuring = { seconds, now, trace };
  const roofs = roofCases(bench);
  const all = [...casesOfRoofs(roofs), ...cases];
  const samples = new Map<Case, Samples[]>();
  const leftOut = new Map<Case, string>();
  for (let round = 0; round < rounds; round++) {
    for (const [i, one] of all.entries()) {
      show(`${round * all.length + i + 1} of ${rounds * all.length}: ${labelOf(one)}`);
      const got = await sample(one, measuring);
      if ('reason' in got) leftOut.set(one, got.reason);
      else samples.set(one, [...(samples.get(one) ?? []), got]);
    }
  }
  show('');
  const times = new Map([...samples].map(([one, rounds]) => [one, together(rounds)] as const));
  return reportOf(bench, roofs, times, leftOut, { seconds, rounds });
}

const casesOfRoofs = ({ bandwidth, matvec, numbers, integers, ...latency }: RoofCases): readonly Case[] =>
  [...bandwidth, ...matvec, ...numbers, ...integers, latency.dispatch, latency.submit, latency.readBack];

function reportOf(
  { device }: Bench, roofCases: RoofCases, times: ReadonlyMap<Case, Measured>, leftOut: ReadonlyMap<Case, string>,
  settings: BenchReport['settings'],
): BenchReport {
  const roofs = roofsOf(roofCases, (one) => times.get(one));
  const results = [...times].map(([one, m]) => (one.suite === 'roofs' ? resultOf(one, m) : resultOf(one, m, roofs)));
  const processor = cpus().at(0)?.model.trim() ?? '';
  return {
    format: 1,
    device: { kind: device.kind, name: device.name },
    host: { processor, cores: cpus().length, node: process.versions.node, load: loadavg()[0] },
    settings,
    roofs: results.filter((r) => r.suite === 'roofs'),
    results: results.filter((r) => r.suite !== 'roofs'),
    leftOut: [...leftOut].map(([{ suite, name, dtype }, reason]): LeftOutCase => ({ suite, name, dtype, reason })),
  };
}
