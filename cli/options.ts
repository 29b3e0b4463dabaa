import { InvalidArgumentError, Option } from 'commander';
import { WEIGHT_STORAGES } from '../dsl/index.ts';
import { DEVICE_NAMES } from '../runtime/open.ts';
import { bundledModel } from './package-root.ts';

/** Reads the number of an option. */
export function numberValue(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('It is not a number.');
}

/** Reads a whole number of at least `low`. */
export const integerValue =
  (low: number) =>
  (text: string): number => {
    const value = numberValue(text);
    if (Number.isSafeInteger(value) && value >= low) return value;
    throw new InvalidArgumentError(`It is not a whole number from ${low} up.`);
  };

/** Collects the values of an option that may be given several times. */
export const repeated = (text: string, earlier: readonly string[] | undefined): readonly string[] => [
  ...(earlier ?? []),
  text,
];

export const modelOption = (): Option =>
  new Option('--model <dir>', 'checkpoint folder: config.json, model.safetensors, tokenizer.model').default(
    bundledModel(),
    'the checkpoint that comes with Ricci',
  );

export const variantOption = (): Option =>
  new Option('--variant <file>', 'a module whose default export says how a layer makes G, instead of the model\'s own way');

export const deviceOption = (): Option =>
  new Option(
    '--device <device>',
    'where it runs; auto takes a hardware GPU where there is one, else the CPU (default: auto; webgpu with --adapter)',
  ).choices(DEVICE_NAMES);

export const adapterOption = (): Option =>
  new Option(
    '--adapter <name>',
    'an adapter of webgpu: software, hardware, or a part of the name of one (see `ricci devices`)',
  );

export const threadsOption = (): Option =>
  new Option('--threads <n>', 'how many threads the CPU computes with (default: one for each core)')
    .argParser(integerValue(1));

export const fusedOption = (): Option =>
  new Option(
    '--fused', 'the CPU multiplies and adds in one instruction (relaxed SIMD): faster for prompts, other last digits',
  );

export const weightsOption = (): Option =>
  new Option(
    '--weights <storage>', 'how large matrices are kept: as numbers of 32 or 16 bits (bf16, f16), or integers of 8',
  )
    .choices(WEIGHT_STORAGES)
    .default('f32');

export const tunedOption = (): Option =>
  new Option('--no-tuned', 'leave out the schedules that `ricci tune` found for this device');

export const cacheOption = (): Option =>
  new Option(
    '--cache <mode>',
    'what is kept from the prompt: keys and values (kv), the operator G (g), both or nothing',
  )
    .choices(['none', 'kv', 'g', 'kv+g'])
    .default('kv+g');

/** Examples below a command's help. */
export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
