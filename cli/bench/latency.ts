import type { Bench } from './bench.ts';
import { settle } from './bench.ts';
import type { Case, Prepared } from './case.ts';
import { chain } from './kernels/chain.ts';
import { checkKernel } from './kernels/check-kernel.ts';
import { openKernel, type OpenKernel } from './kernels/open-kernel.ts';

/** Small kernels in a program, of which the difference is divided by the number of those between. */
const [FEW, MANY] = [1, 129];
/** Submits of each that are compared. */
const PAIRED = 8;
/** A difference of two noisy times may come out as nothing, and nothing takes no time. */
const LEAST_SECONDS = 1e-10;
/** Submits that are waited for together. */
const SUBMITS = 64;

const PLAIN = { suite: 'roofs', dtype: 'f32', unit: 'µs' } as const;

/** What a launch, a submit and a read-back take where there is nothing to compute. */
export function latencyCases(bench: Bench): {
  readonly dispatch: Case; readonly submit: Case; readonly readBack: Case;
} {
  return {
    dispatch: { ...PLAIN, name: 'dispatch', prepare: () => dispatches(bench) },
    submit: { ...PLAIN, name: 'submit', prepare: () => overOne(bench, submits) },
    readBack: { ...PLAIN, name: 'read-back of 4 bytes', prepare: () => overOne(bench, readBacks) },
  };
}

const TIMED = { amount: 1, work: undefined, clock: 'host', kernels: () => Promise.resolve(undefined) } as const;

async function dispatches(bench: Bench): Promise<Prepared> {
  const [few, many] = [await openKernel(bench.device, chain(FEW)), await openKernel(bench.device, chain(MANY))];
  const between = many.program.kernels.length - few.program.kernels.length;
  return {
    ...TIMED,
    async check() {
      await checkKernel(few);
      await checkKernel(many);
    },
    async run() {
      const more = await submitted(bench, many, PAIRED) - await submitted(bench, few, PAIRED);
      return Math.max(LEAST_SECONDS, more / PAIRED / between);
    },
    close() {
      few.close();
      many.close();
    },
  };
}

/** From the first of so many submits until the device is idle, in seconds. */
async function submitted({ device, now }: Bench, { executable }: OpenKernel, count: number): Promise<number> {
  const started = now();
  for (let i = 0; i < count; i++) device.submit((commands) => commands.run(executable, {}));
  await settle(device);
  return (now() - started) / 1000;
}

async function overOne(bench: Bench, run: (bench: Bench, open: OpenKernel) => Promise<number>): Promise<Prepared> {
  const open = await openKernel(bench.device, chain(FEW));
  return { ...TIMED, check: () => checkKernel(open), run: () => run(bench, open), close: open.close };
}

const submits = async (bench: Bench, open: OpenKernel): Promise<number> =>
  await submitted(bench, open, SUBMITS) / SUBMITS;

async function readBacks({ device, now }: Bench, { buffers }: OpenKernel): Promise<number> {
  const started = now();
  await device.read(buffers.get('output:out'), [{ offset: 0, bytes: 4 }]);
  return (now() - started) / 1000;
}
