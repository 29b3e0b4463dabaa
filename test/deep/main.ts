// Searches random graphs and models for what the interpreter computes otherwise:
//   npm run test:deep -- [--minutes 10] [--graphs N] [--models N] [--seed S] [--device cpu|webgpu|all] [--out FOLDER]
// It ends when the time is up, or when N graphs (on each device) and N models were tried. Failures are made as small as
// they can be, and written to FOLDER.
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Device } from '../../runtime/device.ts';
import { brokenLaw } from './caching-laws.ts';
import { graphReplays, modelReplays } from './cases.ts';
import { difference } from './check.ts';
import { kindsNamed, openForReplay } from './devices.ts';
import { keep } from './found.ts';
import { ProgressLine, showCounts } from './progress.ts';
import { search, type Failure, type Task } from './search.ts';

const FOUND = fileURLToPath(new URL('../corpus/found/', import.meta.url));

const { values } = parseArgs({ options: {
  minutes: { type: 'string', default: '10' }, graphs: { type: 'string' }, models: { type: 'string' },
  seed: { type: 'string', default: String(Date.now() % 2 ** 31) }, device: { type: 'string', default: 'cpu' },
  out: { type: 'string', default: FOUND },
} });

function numberOf(option: string, text: string): number {
  const x = Number(text);
  if (text.trim() !== '' && Number.isFinite(x) && x >= 0) return x;
  throw new Error(`--${option} is ${JSON.stringify(text)}, and should be a number of at least 0`);
}

const wanted = (option: 'graphs' | 'models') => {
  const text = values[option];
  return text === undefined ? {} : { wanted: numberOf(option, text) };
};

/** Cases of a batch: it takes a second or two. */
const BATCH = { cpu: 100, webgpu: 5, models: 10 } as const;

const onDevice = (device: Device): Task => ({
  name: `graphs on ${device.kind}`, cases: graphReplays(device.kind), batch: BATCH[device.kind], ...wanted('graphs'),
  check: (r) => (r.kind === 'graph' ? difference(device, r) : Promise.resolve(undefined)),
});

const models: Task = {
  name: 'models', cases: modelReplays, batch: BATCH.models, ...wanted('models'),
  check: (r) => Promise.resolve(r.kind === 'model' ? brokenLaw(r) : undefined),
};

const line = new ProgressLine(process.stdout);

function report({ task, seed, message, replay }: Failure): void {
  const path = relative('.', keep(replay, `${message} (found by test:deep, batch seed ${seed})`, values.out));
  line.say(`FAILED ${task}, batch seed ${seed}: ${message}\n  to see it: npx tsx test/deep/replay.ts ${path}`);
}

const seed = numberOf('seed', values.seed);
const milliseconds = 60_000 * numberOf('minutes', values.minutes);
const limits = { seed, milliseconds, failures: 10, batchMilliseconds: 120_000 };
const devices = await Promise.all(kindsNamed(values.device).map(openForReplay));
line.say(`seed ${seed}; ${devices.map((d) => d.name).join(', ')}`);
const { counts, failures } = await search([...devices.map(onDevice), models], limits, {
  progress: (sofar, failed) => line.show(`${showCounts(sofar)}, ${failed} failures`),
  failed: report,
});
devices.forEach((d) => d.close());
line.say(`tried ${showCounts(counts)}: ${failures.length} failures`);
process.exitCode = failures.length === 0 ? 0 : 1;
