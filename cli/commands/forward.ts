import { Command, Option } from 'commander';
import {
  explainNonFinite,
  forward,
  loadConfig,
  newTokens,
  type CacheMode,
  type ForwardResult,
  type HostTensor,
  type Padding,
  type Prompt,
} from '../../models/pldr/index.ts';
import { writeSafetensors, type WritableTensor } from '../../runtime/safetensors/index.ts';
import type { DeviceChoice } from '../../runtime/open.ts';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { readG } from '../g-file.ts';
import { parseIds, readRows } from '../ids.ts';
import type { Io } from '../io.ts';
import type { WeightStorage } from '../../dsl/node.ts';
import { withModel } from '../model.ts';
import {
  adapterOption, cacheOption, deviceOption, examples, fusedOption, integerValue, modelOption, threadsOption, tunedOption,
  variantOption, weightsOption,
} from '../options.ts';
import { write } from '../output.ts';
import { checkPrompt } from '../prompt.ts';
import { chosenVariant } from '../variant/chosen-variant.ts';

interface Flags extends DeviceChoice {
  readonly model: string;
  readonly variant?: string;
  readonly weights: WeightStorage;
  readonly tuned: boolean;
  readonly ids?: string;
  readonly idsFile?: string;
  readonly maskFile?: string;
  readonly padding: Padding;
  readonly cache: CacheMode;
  readonly cacheFirstG?: boolean;
  readonly steps: number;
  readonly gFile?: string;
  readonly deductive?: boolean;
  readonly out: string;
}

export function forwardCommand({ io }: Context): Command {
  return new Command('forward')
    .description(
      'Runs token ids through a model and writes the tensors to a safetensors file: for scripts and for checking.',
    )
    .addOption(modelOption())
    .addOption(variantOption().conflicts('gFile'))
    .addOption(new Option('--ids <list>', 'token ids of one row, such as 5,7,9').conflicts('idsFile'))
    .option('--ids-file <json>', 'token ids of several rows, [[5, 7], [9]], which may differ in length')
    .option('--mask-file <json>', 'rows of 1 (token) and 0 (padding), as long as the rows of ids')
    .addOption(
      new Option('--padding <how>', 'exact: each row as if alone; else as the Hugging Face port does')
        .choices(['exact', 'hf-eager', 'hf-sdpa'])
        .default('exact'),
    )
    .addOption(cacheOption())
    .option('--cache-first-g', "from the second forward on, every row uses the first row's G")
    .option('--steps <n>', 'greedy tokens to add to each row; they do not stop at [END]', integerValue(0), 0)
    .option(
      '--g-file <safetensors>',
      'use the G of this file (tensor G_LM [layers, heads, d, d]) from the first forward on',
    )
    .option('--deductive', 'also write A, A_LM, A_P, G_LM and attention of every layer')
    .requiredOption('--out <safetensors>', 'the file to write')
    .addOption(deviceOption())
    .addOption(adapterOption())
    .addOption(threadsOption())
    .addOption(fusedOption())
    .addOption(weightsOption())
    .addOption(tunedOption())
    .addHelpText(
      'after',
      `
Tensors written (B rows, S columns, V tokens, D channels, N steps):
  prefill.logits [B, S, V], prefill.hidden [B, S, D]
  with --deductive: prefill.layerN.{A, A_LM, A_P, G_LM} [B, H, d, d], prefill.layerN.attention [B, H, S, S]
  with --steps: greedy.logits [B, N, V], greedy.ids [B, N] (I64)`,
    )
    .addHelpText(
      'after',
      examples(
        'ricci forward --ids 5,7,9 --out logits.safetensors',
        'ricci forward --model DIR --ids-file prompts.json --steps 16 --deductive --out all.safetensors',
        'ricci forward --ids 5,7,9 --g-file G.safetensors --out with-G.safetensors',
      ),
    )
    .action((flags: Flags) => run(io, flags));
}

async function run(io: Io, flags: Flags): Promise<void> {
  const config = await loadConfig(join(flags.model, 'config.json'));
  const prompt = await readPrompt(flags);
  const { length } = checkPrompt(prompt, flags.padding, config);
  if (flags.steps > 0) newTokens(length, config.contextLength, flags.steps);
  const G = flags.gFile === undefined ? undefined : await readG(flags.gFile, config);
  const variant = await chosenVariant(io, flags.variant);
  await withModel(io, { ...flags, suppliesG: G !== undefined, variant }, async (model) => {
    const { cache, steps, deductive } = flags;
    const reading = { padding: flags.padding, ...(G === undefined ? {} : { G }) };
    const result = await forward(model, prompt, {
      ...reading,
      cache,
      steps,
      deductive: deductive ?? false,
      cacheFirstG: flags.cacheFirstG ?? config.cacheFirstG,
    });
    const tensors = writable(result);
    await writeSafetensors(flags.out, tensors, { format: 'pt' });
    const lines = Object.entries(tensors).map(([name, { dtype, shape }]) => `  ${name} ${dtype} [${shape.join(', ')}]`);
    await write(io.stdout, `${flags.out}\n${lines.join('\n')}\n`);
    if (!allFinite(result)) throw await explainNonFinite(model, prompt, reading); // the file shows why
  });
}

async function readPrompt({ ids, idsFile, maskFile }: Flags): Promise<Prompt> {
  if (ids === undefined && idsFile === undefined)
    throw usageError('No token ids were given.', 'Give --ids 5,7,9 or --ids-file FILE.');
  const rows = idsFile === undefined ? [parseIds(ids ?? '')] : await readRows(idsFile, 'token ids');
  return maskFile === undefined ? { rows } : { rows, mask: await readRows(maskFile, 'a mask') };
}

const f32 = ({ shape, data }: HostTensor): WritableTensor => ({ dtype: 'F32', shape, data });

function writable({ tensors, ids }: ForwardResult): Readonly<Record<string, WritableTensor>> {
  const floats = Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, f32(tensor)]));
  if (ids === undefined) return floats;
  const data = BigInt64Array.from(ids.flat(), BigInt);
  return { ...floats, 'greedy.ids': { dtype: 'I64', shape: [ids.length, ids[0].length], data } };
}

function allFinite({ tensors }: ForwardResult): boolean {
  const shown = tensors['prefill.logits'] ?? tensors['prefill.hidden'];
  return shown.data.every((x) => Number.isFinite(x));
}
