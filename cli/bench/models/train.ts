import { RicciError } from '../../../dsl/errors.ts';
import { countParameters } from '../../../models/pldr/index.ts';
import { settle } from '../bench.ts';
import type { Case, LeftOut, Prepared, Work } from '../case.ts';
import { withoutTimestamps } from '../clock.ts';
import { matmul } from '../kernels/contraction.ts';
import { kernelCase } from '../kernels/kernel-case.ts';
import type { BenchModel } from './bench-model.ts';
import { TrainingSubject } from './training-subject.ts';

/** Numbers that an update reads or writes at least for each parameter: itself and two moments, before and after. */
const NUMBERS = 6;
/** Products of matrices that are timed after each update. */
const PRODUCTS = 2;

/**
 * Updates of the model's training, from a batch on the host until its loss is there: tokens, time, operations of its
 * contractions, and these beside a product of matrices that is timed after each update.
 */
export function trainSuite(model: BenchModel): readonly Case[] {
  const subject = new TrainingSubject(model);
  const { rows, positions } = subject.batch;
  const [n] = model.bench.sizes.matmul.slice(-1);
  const plain = { suite: 'train', dtype: 'f32' } as const;
  const update = `update with ${rows} × ${positions} tokens`;
  return [
    { ...plain, name: update, unit: 'tokens/s', prepare: () => orLeftOut(() => updating(subject, rows * positions)) },
    { ...plain, name: update, unit: 'ms', prepare: () => orLeftOut(() => updating(subject, 1)) },
    {
      ...plain, name: 'contractions of it', unit: 'GFLOP/s',
      prepare: () => orLeftOut(async () => updating(subject, (await subject.trainer()).flops(positions))),
    },
    {
      ...plain, name: `contractions of it against matmul ${n}³`, unit: '×',
      prepare: () => orLeftOut(() => againstMatmul(subject, n)),
    },
  ];
}

/** What a device or a checkpoint says that cannot be trained: too little memory, or no head. */
const REFUSALS = /^(compiler\/|runtime\/needs$|device\/out-of-memory$|checkpoint\/no-weight$)/;

async function orLeftOut(prepare: () => Promise<Prepared | LeftOut>): Promise<Prepared | LeftOut> {
  try {
    return await prepare();
  } catch (thrown) {
    if (thrown instanceof RicciError && REFUSALS.test(thrown.code)) return { reason: thrown.sentence };
    throw thrown;
  }
}

async function updating(subject: TrainingSubject, amount: number): Promise<Prepared> {
  await subject.trainer();
  return {
    amount, work: await workOf(subject), clock: 'host', check: () => subject.check(), run: () => secondsOf(subject),
    async kernels() {
      const { updating } = await subject.trainer();
      const times = await updating.time({}).catch(withoutTimestamps);
      return times?.map((seconds, i) => ({ name: updating.program.kernels[i].name, seconds }));
    },
    close: () => undefined,
  };
}

async function workOf(subject: TrainingSubject): Promise<Work> {
  const trainer = await subject.trainer();
  const bytes = 4 * NUMBERS * countParameters(subject.model.config);
  return {
    bytes, footprint: bytes / 2, flops: trainer.flops(subject.batch.positions),
    dispatches: trainer.updating.program.kernels.length, submits: 1,
  };
}

async function secondsOf(subject: TrainingSubject): Promise<number> {
  const { device, now } = subject.model.bench;
  const started = now();
  await subject.update();
  await settle(device);
  return (now() - started) / 1000;
}

async function againstMatmul(subject: TrainingSubject, n: number): Promise<Prepared | LeftOut> {
  const { flops } = await workOf(subject);
  const product = await kernelCase(subject.model.bench, 'train', matmul(n, 'f32')).prepare();
  if ('reason' in product) return product;
  return {
    amount: 1, work: undefined, clock: 'host',
    async check() {
      await subject.check();
      await product.check();
    },
    async run() {
      const update = await secondsOf(subject);
      let products = 0;
      for (let i = 0; i < PRODUCTS; i++) products += await product.run() / PRODUCTS;
      return (update / flops) / (products / product.amount);
    },
    kernels: () => Promise.resolve(undefined),
    close: product.close,
  };
}
