import type { Program } from '../../../compiler/program.ts';
import { Session, type PldrConfig } from '../../../models/pldr/index.ts';
import type { Executable } from '../../../runtime/device.ts';
import type { RunSizes } from '../../../runtime/sizes.ts';
import { settle, type Bench } from '../bench.ts';
import type { Case, Clock, Prepared, Work } from '../case.ts';
import { clockOf, deviceSeconds } from '../clock.ts';
import { slopeOf } from '../statistics.ts';
import type { BenchModel } from './bench-model.ts';
import { reopen } from './kernel-times.ts';
import { programsOf } from './programs.ts';
import { stepWork } from './work.ts';

/** Caches are full, half full, and so on: the longest that is read, halved so often. */
const HALVINGS = 4;
/** Steps of each length, in turn, of which the fastest counts: what else a machine does only adds to one. */
const TURNS = 4;
/** What noise makes of next to nothing may come out below it, and nothing takes no time. */
const LEAST_SECONDS = 1e-10;

/** What one more position in the caches adds to a step: the slope of its time over their lengths. */
export function longerContextsCase(model: BenchModel): Case {
  const lengths = lengthsOf(model);
  const name = `each position, ${lengths[0]} … ${lengths[lengths.length - 1]}`;
  return { suite: 'decode', name, dtype: model.storage, unit: 'µs', prepare: () => lengthening(model, lengths) };
}

function lengthsOf(model: BenchModel): readonly number[] {
  const longest = model.prompt(model.config.contextLength).length;
  const halves = Array.from({ length: HALVINGS + 1 }, (_, i) => Math.ceil(longest / 2 ** (HALVINGS - i)));
  return [...new Set(halves)];
}

async function lengthening(model: BenchModel, lengths: readonly number[]): Promise<Prepared> {
  const { bench: { device }, config } = model;
  const loaded = await model.loaded();
  const { step } = await programsOf(loaded);
  const session = await Session.open(loaded);
  const longest = lengths[lengths.length - 1];
  session.runFirst({ rows: [model.prompt(longest)] });
  const { executable, close } = await reopen(session, step);
  const clock = await clockOf(device, executable, sizesOf(longest));
  return {
    amount: 1, work: perPosition(step, config, longest), clock,
    check: async () => void await model.tokensAfter(longest),
    async run() {
      const least = lengths.map(() => Infinity);
      for (let turn = 0; turn < TURNS; turn++) {
        for (const [i, length] of lengths.entries()) {
          least[i] = Math.min(least[i], await stepSeconds(model.bench, executable, length, clock));
        }
      }
      return Math.max(LEAST_SECONDS, slopeOf(lengths, least));
    },
    kernels: () => Promise.resolve(undefined),
    close() {
      close();
      session.close();
    },
  };
}

/** A step of one row with so many positions in its caches, its own among them. */
const sizesOf = (length: number): RunSizes => ({ key: length, batch: 1 });

async function stepSeconds({ device, now }: Bench, step: Executable, length: number, clock: Clock): Promise<number> {
  if (clock === 'device') return deviceSeconds(step, sizesOf(length));
  const started = now();
  device.submit((commands) => commands.run(step, sizesOf(length)));
  await settle(device);
  return (now() - started) / 1000;
}

/** Keys and values of one position; the memory that they lie in is that of all that a step reads. */
function perPosition(step: Program, config: PldrConfig, length: number): Work {
  const [less, more] = [stepWork(step, config, length - 1), stepWork(step, config, length)];
  const [bytes, flops] = [more.bytes - less.bytes, more.flops - less.flops];
  return { ...more, bytes, flops, dispatches: 0, submits: 0 };
}
