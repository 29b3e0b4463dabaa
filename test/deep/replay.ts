// Runs cases that test:deep wrote, or those of test/corpus:
//   npx tsx test/deep/replay.ts FILE… [--device cpu|webgpu|all]
// A graph is printed, then what each device computes otherwise than the interpreter; by default on the file's device.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { showGraph } from '../../dsl/print.ts';
import { brokenLaw } from './caching-laws.ts';
import { difference } from './check.ts';
import { kindsNamed, openForReplay } from './devices.ts';
import { parseReplayFile, type GraphReplay, type Replay } from './replay-file.ts';

const { values, positionals } = parseArgs({ options: { device: { type: 'string' } }, allowPositionals: true });

const say = (text: string): void => { process.stdout.write(`${text}\n`); };

async function runGraph(r: GraphReplay): Promise<boolean> {
  say(showGraph(r.outputs));
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
