// Runs cases that test:deep wrote, or those of test/corpus:
//   npx tsx test/deep/replay.ts FILE… [--device cpu|webgpu|all]
// A graph is printed, as a program too where the language can write it, then what each device computes otherwise than
// the interpreter; by default on the file's device.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { RicciError } from '../../dsl/errors.ts';
import type { Node } from '../../dsl/node.ts';
import { showGraph } from '../../dsl/print.ts';
import { dslSource } from '../../dsl/source/source.ts';
import { brokenLaw } from './caching-laws.ts';
import { difference } from './check.ts';
import { kindsNamed, openForReplay } from './devices.ts';
import { parseReplayFile, type GraphReplay, type Replay } from './replay-file.ts';

const { values, positionals } = parseArgs({ options: { device: { type: 'string' } }, allowPositionals: true });

const say = (text: string): void => { process.stdout.write(`${text}\n`); };

/** A graph as a program; in words why there is none, where passes or staging made a part of it. */
function sourceOf(outputs: readonly Node[]): string {
  try {
    return dslSource(outputs);
  } catch (thrown) {
    if (thrown instanceof RicciError && thrown.code === 'dsl/no-source') return thrown.message;
    throw thrown;
  }
}

async function runGraph(r: GraphReplay): Promise<boolean> {
  say(`${showGraph(r.outputs)}\n\n${sourceOf(r.outputs)}\n`);
  say(`sizes ${JSON.stringify(r.env.sizes)}, storages ${JSON.stringify(r.storages)}`);
  say(`schedule ${JSON.stringify(r.schedule ?? "the device's own")}`);
  const wrong: string[] = [];
  for (const kind of values.device === undefined ? [r.device] : kindsNamed(values.device)) {
    const device = await openForReplay(kind);
    const found = await difference(device, r).catch((thrown: unknown) => String(thrown));
    say(`${device.name}: ${found ?? 'as the interpreter'}`);
    if (found !== undefined) wrong.push(found);
    device.close();
  }
  return wrong.length === 0;
}

function runModel(r: Extract<Replay, { kind: 'model' }>): boolean {
  say(JSON.stringify(r, undefined, 2));
  const broken = brokenLaw(r);
  say(broken ?? 'the laws of caching hold');
  return broken === undefined;
}

if (positionals.length === 0) throw new Error('usage: npx tsx test/deep/replay.ts FILE… [--device cpu|webgpu|all]');
for (const file of positionals) {
  const { about, replay } = parseReplayFile(readFileSync(file, 'utf8'));
  say(`${file}: ${about}`);
  if (!(replay.kind === 'graph' ? await runGraph(replay) : runModel(replay))) process.exitCode = 1;
}
