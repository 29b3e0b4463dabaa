import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../cli/package-root.ts';
import { noDevice, ricci } from './support.ts';

const COMMANDS = [
  'generate', 'forward', 'tokenize', 'detokenize', 'verify', 'inspect', 'tune', 'train', 'classify', 'bench', 'doctor',
  'devices',
];

describe('help and version', () => {
  it('are printed on stdout and are no errors', async () => {
    const help = await ricci(['--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    for (const command of COMMANDS) expect(help.stdout).toContain(`\n  ${command} `);
    expect(await ricci(['--version'])).toEqual({ code: 0, stdout: `${packageRoot().version}\n`, stderr: '' });
  });

  it('document every exit code', async () => {
    const { stdout } = await ricci(['--help']);
    for (const code of [0, 1, 2, 3, 4, 130]) expect(stdout).toMatch(new RegExp(`^ {2}${code} `, 'm'));
  });

  it.each(COMMANDS)('of %s show examples of that command', async (command) => {
    const { code, stdout } = await ricci([command, '--help']);
    expect(code).toBe(0);
    const examples = stdout
      .slice(stdout.indexOf('Examples:'))
      .split('\n')
      .filter((line) => line.startsWith('  $ '));
    expect(examples.length).toBeGreaterThanOrEqual(2);
    expect(examples.some((line) => line.includes(`ricci ${command}`))).toBe(true);
  });
});

/** Command line → what stderr must say. Every one ends with exit code 2, before a device is opened. */
const WRONG: readonly (readonly [line: string, message: string])[] = [
  ['', 'Usage: ricci'],
  ['generat x', 'Did you mean generate?'],
  ['generate --temprature 1 x', 'Did you mean --temperature?'],
  ['inspect --jsn', 'Did you mean --json?'],
  ['generate one two', 'too many arguments'],
  ['generate --temperature warm x', 'It is not a number.'],
  ['generate --max-new-tokens 0 x', 'It is not a whole number from 1 up.'],
  ['generate --max-new-tokens 1.5 x', 'It is not a whole number from 1 up.'],
  ['generate --cache all x', 'Allowed choices are none, kv, g, kv+g.'],
  ['generate --order random x', 'Allowed choices are authors, hf.'],
  ['generate --greedy --top-p 0.5 x', "option '--greedy' cannot be used with option '--top-p <p>'"],
  ['generate --temperature 2 x', "temperature is 2, but the authors' order needs it above 0 and at most 1"],
  [
    'generate --top-p 0 --min-p 2 x',
    'topP is 0, but must be above 0 and at most 1 (1 keeps every token)\n  - minP is 2',
  ],
  ['generate --seed 4294967296 x', 'seed is 4294967296, but must be a whole number from 0 to 4294967295'],
  ['forward --ids 5', "required option '--out <safetensors>' not specified"],
  ['forward --out x', 'No token ids were given.'],
  ['forward --ids 5 --ids-file f --out x', "option '--ids <list>' cannot be used with option '--ids-file <json>'"],
  ['forward --ids 5,x,-1 --out x', '"x", "-1" are no token ids.'],
  ['forward --ids 5 --padding left --out x', 'Allowed choices are exact, hf-eager, hf-sdpa.'],
  ['inspect --model a --config b', "option '--model <dir>' cannot be used with option '--config <json>'"],
  ['generate --device gpu x', 'Allowed choices are auto, webgpu, cpu.'],
  ['generate --device cpu --adapter llvm x', 'The adapter "llvm" is asked for, and the device cpu has no adapters.'],
  ['generate --device webgpu --threads 2 x', 'threads is 2, and only the device cpu can be told how many.'],
  ['generate --threads 0 x', 'It is not a whole number from 1 up.'],
  ['forward --ids 5 --out x --adapter llvm --threads 2', 'only the device cpu can be told how many.'],
  ['doctor --device cpu --adapter llvm', 'the device cpu has no adapters'],
  ['inspect --device auto', 'Allowed choices are webgpu, cpu.'],
  ['inspect --device cpu --adapter llvm', 'the device cpu has no adapters'],
  ['inspect --device cpu --wgsl', '--wgsl prints WGSL, and for the device cpu there is WebAssembly.'],
  ['inspect --wat', '--wat prints WebAssembly, and for the device webgpu there is WGSL.\n  Add --device cpu.'],
  ['inspect --wat --wgsl', "option '--wgsl' cannot be used with option '--wat'"],
  ['inspect --context 129', "--context is 129, and the model's context is 128."],
  ['tokenize', 'Nothing was given to convert.'],
  ['tokenize --jsonl text', 'With --jsonl everything is read from stdin.'],
  ['tokenize --model a --tokenizer b x', "option '--model <dir>' cannot be used with option '--tokenizer <file>'"],
  ['detokenize 5,six', '"six" is no token id.'],
];

describe('wrong usage', () => {
  it.each(WRONG)('ricci %s', async (line, message) => {
    const run = await ricci(
      line.split(' ').filter((word) => word !== ''),
      noDevice,
    );
    expect(run.stderr).toContain(message);
    expect(run).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('unexpected failures', () => {
  it('say how to learn more, and with --debug show the stack', async () => {
    const plain = await ricci(['generate', 'x'], noDevice);
    expect(plain.code).toBe(1);
    expect(plain.stderr).toBe(
      'ricci: unexpected failure: a device was opened\n  Run the command again with --debug and report its output.\n',
    );
    const debug = await ricci(['--debug', 'generate', 'x'], noDevice);
    expect(debug.stderr).toMatch(/a device was opened\n\s*at .*support\.ts/);
  });

  it('show the code and the stack of our own errors with --debug', async () => {
    const { stderr } = await ricci(['detokenize', '99999', '--debug'], noDevice);
    expect(stderr).toContain('\ntokenizer/id-out-of-range\nRicciError: The tokenizer has ids 0 to 1023');
  });
});
