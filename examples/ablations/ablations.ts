/*
 * Trains variants of PLDR-LLM from the same texts and the same seed, one after the other, and writes one page that
 * compares them and shows what becomes of G while they are trained:
 *
 *   npm run example examples/ablations/ablations.ts
 *   npm run example -- examples/ablations/ablations.ts --steps 40 --variants learned,dag --out runs/short
 *
 * An argument that is no key names another JSON file than ablations.json. Ctrl-C ends it with a checkpoint, and the
 * same command goes on. The variants themselves are in variants.ts.
 */
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RicciError } from 'ricci/dsl';
import { chooseDevice } from 'ricci/runtime';
import type { TrainingEvent } from 'ricci/train';
import { parseAblations } from './config.ts';
import type { Run } from './plan.ts';
import { runAblations } from './run-ablations.ts';

const DEFAULT = relative(process.cwd(), fileURLToPath(new URL('ablations.json', import.meta.url)));

async function main(args: readonly string[]): Promise<void> {
  const isNamed = args[0] !== undefined && !args[0].startsWith('--');
  const file = isNamed ? args[0] : DEFAULT;
  const config = parseAblations(await readJson(file), isNamed ? args.slice(1) : args, file);
  const { device: name, threads } = config;
  const device = await chooseDevice({ device: name, ...(threads === null ? {} : { threads }) });
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  try {
    const report = await runAblations(config, { device, signal: interrupt.signal, now: () => performance.now(), tell });
    console.log(report ?? 'interrupted; the same command goes on');
    if (report === undefined) process.exitCode = 130;
  } finally {
    device.close();
  }
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `${file} could not be read: ${reason}`;
    throw new RicciError({ code: 'ablations/file', message, hint: 'Name a JSON file.' });
  }
}

function tell({ name, config: { steps } }: Run, event: TrainingEvent): void {
  const at = (step: number): string => `${name} · step ${step}/${steps}`;
  if (event.kind === 'trained') {
    const { step, loss, tokensPerSecond } = event;
    const speed = Math.round(tokensPerSecond).toLocaleString('en');
    console.error(`${at(step)} · loss ${loss.toFixed(4)} · ${speed} tokens/s`);
  }
  if (event.kind === 'validated') console.error(`${at(event.step)} · validation ${event.loss.toFixed(4)}`);
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof RicciError ? error.message : error);
  process.exitCode = 1;
});
