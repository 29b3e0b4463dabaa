// Writes a checkpoint with random weights in the shape of one of the paper's models:
//   npx tsx scripts/make-checkpoint.ts --preset v51-110M-1 --out DIR [--seed 1] [--dtype F32|BF16|F16]
//     [--init authors|hf] [--shard-bytes N]
import { parseArgs } from 'node:util';
import { RicciError } from '../dsl/errors.ts';
import { countParameters } from '../models/pldr/count-parameters.ts';
import { randomCheckpoint } from '../models/pldr/init.ts';
import type { InitOptions } from '../models/pldr/init.ts';
import type { WeightDtype } from '../models/pldr/initial-chunks.ts';
import { isPresetName, PRESETS } from '../models/pldr/presets.ts';
import type { PresetName } from '../models/pldr/presets.ts';

const usage = (message: string): RicciError =>
  new RicciError({
    code: 'script/usage',
    message,
    hint: `Use --preset (${Object.keys(PRESETS).join(', ')}) --out DIR [--seed N] [--dtype F32|BF16|F16].`,
  });

function presetOf(text: string | undefined): PresetName {
  if (text !== undefined && isPresetName(text)) return text;
  throw usage(text === undefined ? '--preset is missing.' : `There is no preset "${text}".`);
}

function dtypeOf(text: string): WeightDtype {
  if (text === 'F32' || text === 'BF16' || text === 'F16') return text;
  throw usage(`--dtype is "${text}".`);
}

function integerOf(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= 0) return value;
  throw usage(`--${option} is "${text}", not an integer >= 0.`);
}

function schemeOf(text: string): 'authors' | 'hf' {
  if (text === 'authors' || text === 'hf') return text;
  throw usage(`--init is "${text}", not authors or hf.`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      preset: { type: 'string' },
      out: { type: 'string' },
      seed: { type: 'string', default: '1' },
      dtype: { type: 'string', default: 'F32' },
      init: { type: 'string', default: 'authors' },
      'shard-bytes': { type: 'string' },
    },
  });
  const preset = presetOf(values.preset);
  if (values.out === undefined) throw usage('--out is missing.');
  const shards = values['shard-bytes'];
  const options: InitOptions = {
    scheme: schemeOf(values.init),
    ...(shards === undefined ? {} : { shardBytes: integerOf('shard-bytes', shards) }),
  };
  const config = PRESETS[preset];
  await randomCheckpoint(config, values.out, integerOf('seed', values.seed), dtypeOf(values.dtype), options);
  console.log(`${values.out}: ${preset}, ${countParameters(config).toLocaleString('en')} parameters`);
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
