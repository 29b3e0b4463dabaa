import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../cli/package-root.ts';
import { loadConfig } from '../../models/pldr/index.ts';
import type { Device } from '../../runtime/device.ts';
import { openSafetensors, withReader, writeSafetensors, type WritableTensor } from '../../runtime/safetensors/index.ts';
import { LAWS } from '../../verify/index.ts';
import { openTestCpu } from '../support/device.ts';
import { temporaryFolder } from '../weights/support.ts';
import { textCheckpoint, type Checkpoint } from './checkpoints.ts';
import { lent, noDevice, ricci, type Run, type World } from './support.ts';

/* A way of making G from a file of the user's. */

const folder = temporaryFolder();
let cpu: Device;
let checkpoint: Checkpoint;

beforeAll(async () => {
  cpu = await openTestCpu();
  checkpoint = await textCheckpoint(folder, 'v51-small');
});
afterAll(() => cpu.close());

/** Files of its own for every variant: a module is imported once. */
async function variantFile(text: string, name = 'variant.ts'): Promise<string> {
  const file = join(mkdtempSync(join(folder, 'variant-')), name);
  await writeFile(file, text);
  return file;
}

const HEAD = `import { axis, dot, mul, parameter, rename, sum, tanh } from 'ricci/dsl';
import { asOperator, powerLawOperator, type Variant } from 'ricci/pldr';

`;

/** The published operator, written again. */
const PUBLISHED = `${HEAD}const variant: Variant = (input) => {
  const { q, present, axes: { Dk, Row, Col, Pos } } = input;
  return powerLawOperator(dot(mul(rename(q, Dk, Row), present), rename(q, Dk, Col), Pos, { compensated: true }), input);
};
export default variant;
`;

/** An operator without any deep net: only G, and no A. */
const DIRECT = `${HEAD}const direct: Variant = ({ q, present, axes: { Dk, Row, Col, Pos } }) =>
  ({ G: tanh(mul(dot(mul(rename(q, Dk, Row), present), rename(q, Dk, Col), Pos), 0.01)) });
export default direct;
`;

/** The same for all heads together. */
const SHARED = `${HEAD}const shared: Variant = ({ q, present, axes: { Dk, Row, Col, Pos, Head } }) =>
  ({ G: asOperator(sum(mul(dot(mul(rename(q, Dk, Row), present), rename(q, Dk, Col), Pos), 0.01), Head)) });
export default shared;
`;

/** An operator with a weight of its own. */
const OWN_WEIGHT = `${HEAD}const own: Variant = ({ axes: { Head, Row, Col }, layer }) =>
  ({ G: asOperator(mul(parameter(\`own.\${layer}.G\`, [Row, Col]), parameter(\`own.\${layer}.scale\`, [Head]))) });
export default own;
`;

const asked = (argv: readonly string[], world: World = lent(cpu)): Promise<Run> => ricci(argv, world);

async function logitsWith(argv: readonly string[]): Promise<readonly number[]> {
  const out = join(mkdtempSync(join(folder, 'out-')), 'out.safetensors');
  const run = await asked(['forward', '--model', checkpoint.dir, '--ids', '5,7,9,6', '--out', out, ...argv]);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  const entry = (await openSafetensors(out)).tensors.get('prefill.logits');
  if (entry === undefined) throw new Error('no logits');
  return withReader(async (reader) => [...await reader.readDoubles(entry)]);
}

/** The checkpoint with more tensors. */
async function withTensors(more: Readonly<Record<string, WritableTensor>>): Promise<string> {
  const { dir, weights } = await textCheckpoint(folder, 'v51-small');
  const tensors: Record<string, WritableTensor> = { ...more };
  const { tensors: all } = await openSafetensors(weights);
  await withReader(async (reader) => {
    for (const [name, entry] of all) {
      tensors[name] = { dtype: 'F32', shape: entry.shape, data: Float32Array.from(await reader.readDoubles(entry)) };
    }
  });
  await writeSafetensors(weights, tensors);
  return dir;
}

describe('a variant', () => {
  it('is how the model makes G: the published one changes nothing', async () => {
    const [own, published, identity] = [
      await logitsWith([]),
      await logitsWith(['--variant', await variantFile(PUBLISHED)]),
      await logitsWith(['--variant', await variantFile('export default () => undefined;\n', 'identity.mjs')]),
    ];
    expect(published).toEqual(own);
    expect(identity).not.toEqual(own);
  });

  it('generates the same text whatever is kept of it', async () => {
    const file = await variantFile(DIRECT);
    const texts: string[] = [];
    for (const cache of ['kv+g', 'kv', 'g']) {
      const argv = ['generate', '--model', checkpoint.dir, '--variant', file, '--greedy', '--cache', cache];
      const { code, stdout } = await asked([...argv, '--max-new-tokens', '12', 'abc']);
      expect(code).toBe(0);
      texts.push(stdout);
    }
    expect(new Set(texts).size).toBe(1);
  });

  describe('is verified as any model', () => {
    const verified = async (text: string): Promise<string> => {
      const argv = ['verify', '--model', checkpoint.dir, '--variant', await variantFile(text), '--steps', '3'];
      const run = await asked([...argv, '--prompt', 'abcab', '--prompt', 'cab', '--prompt', 'c']);
      expect(run).toMatchObject({ code: 0, stderr: '' });
      expect(run.stdout.match(/^ {2}✓ /gm)).toHaveLength(LAWS.length);
      return run.stdout;
    };

    it('with all that it deduces', async () => {
      expect(await verified(PUBLISHED)).toMatch(/^ +A +A_LM +A_P +G_LM$/m);
    });

    it('with nothing but G, one for all heads', async () => {
      const stdout = await verified(SHARED);
      expect(stdout).toMatch(/^ +G_LM$/m);
      expect(stdout).not.toMatch(/A_LM/);
      expect(stdout).toMatch(/G moves by/);
    });

    it('with an operator that no text moves', async () => {
      const stdout = await verified("import type { Variant } from 'ricci/pldr';\nconst none: Variant = () => undefined;\nexport default none;\n");
      expect(stdout).toContain('no text moves it');
    });
  });

  it('reads weights that only it knows, where the checkpoint has them', async () => {
    const { headDim: d, heads, layers } = await loadConfig(checkpoint.config);
    const more = Array.from({ length: layers }, (_, l): readonly (readonly [string, WritableTensor])[] => [
      [`own.${l}.G`, { dtype: 'F32', shape: [d, d], data: Float32Array.from({ length: d * d }, (_, i) => i / d) }],
      [`own.${l}.scale`, { dtype: 'F32', shape: [heads], data: new Float32Array(heads).fill(0.1) }],
    ]).flat();
    const dir = await withTensors(Object.fromEntries(more));
    const argv = ['forward', '--model', dir, '--ids', '5,7', '--steps', '3', '--out', join(dir, 'out.safetensors')];
    const file = await variantFile(OWN_WEIGHT);
    expect(await asked([...argv, '--variant', file])).toMatchObject({ code: 0, stderr: '' });
    const without = await asked(argv);
    expect(without).toMatchObject({ code: 3, stdout: '' });
    expect(without.stderr).toContain(`unexpected: own.0.G [${d}, ${d}]`);
  });

  it('is loaded by the command as it is installed', async () => {
    const argv = [
      join(packageRoot().folder, 'bin', 'ricci.mjs'), 'generate', '--model', checkpoint.dir, '--device', 'cpu', '--no-tuned',
    ];
    const run = (file: string) =>
      spawnSync(process.execPath, [...argv, '--greedy', '--max-new-tokens', '3', '--variant', file, 'abc'], { encoding: 'utf8' });
    expect(run(await variantFile(DIRECT))).toMatchObject({ status: 0, stderr: '', stdout: expect.stringMatching(/^abc/) });
    const throws = await variantFile('type N = number;\nconst one: N = 1;\nconst f = null!;\n  (f as () => void)();\nexport default one;\n');
    const failed = run(throws);
    expect(failed.status).toBe(3);
    expect(failed.stderr).toContain('does not type-check');
  });
});

describe('what is refused before a device is opened', () => {
  const refused = async (text: string, name?: string): Promise<string> => {
    const file = await variantFile(text, name);
    const { code, stdout, stderr } = await asked(['generate', '--model', checkpoint.dir, '--variant', file, 'abc'], noDevice);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    return stderr;
  };

  it('a variant that does not type-check, with TypeScript’s own words and a code frame', async () => {
    const stderr = await refused(DIRECT.replace('rename(q, Dk, Col), Pos)', 'rename(q, Dk, Col), Row)'));
    expect(stderr).toMatch(/^ricci: The variant does not type-check:\n\n.*variant\.ts:5:\d+ - error TS\d+: /);
    expect(stderr).toMatch(/'axis is missing from this operand': "row"/);
    expect(stderr).toMatch(/^5 {3}\(\{ G: tanh.*\n +~+$/m);
  });

  it.each([
    ['an operator that is over another axis', DIRECT.replace('({ G: tanh', '({ G: rename(q, Dk, Col), H: tanh'), 'TS23'],
    ['a default export of another kind', 'export default (x: number): string => String(x);\n', "expected type 'Variant'"],
    ['no default export', 'export const variant = 1;\n', 'has no default export'],
    ['a type that is imported as a value', DIRECT.replace('type Variant', 'Variant'), 'TS1484'],
    ['syntax that is none', 'export default (=> 1;\n', 'TS1'],
  ])('%s', async (_, text, message) => expect(await refused(text)).toContain(message));

  it('a module of JavaScript whose default export is no function', async () => {
    expect(await refused('export default 3;\n', 'three.mjs')).toMatch(/three\.mjs is a number, no function/);
    expect(await refused('export const a = 3;\n', 'none.mjs')).toMatch(/none\.mjs is missing/);
  });

  it('a module that throws when it is loaded, with its line', async () => {
    const stderr = await refused("const a = 1;\nthrow new TypeError('not today');\n", 'throws.mjs');
    expect(stderr).toMatch(/^ricci: The variant threw while it was loaded: TypeError: not today\n {2}at .*throws\.mjs:2:7\n/);
    expect(stderr).toMatch(/^1 const a = 1;\n2 throw new TypeError\('not today'\);\n {8}\^$/m);
  });

  it('a variant that throws when it is asked for G, with its line', async () => {
    const own = await refused("export default () => {\n  throw new Error('no G');\n};\n", 'own.mjs');
    expect(own).toMatch(/^ricci: The variant threw while it made G of layer 0: Error: no G\n {2}at .*own\.mjs:2:9\n/);
  });

  it('an operation that Ricci refuses, at the line of the variant that asked for it', async () => {
    const stderr = await refused(PUBLISHED.replace('rename(q, Dk, Col)', "rename(q, Dk, axis('col', 3))"));
    expect(stderr).toMatch(/it made G of layer 0: rename: the sizes of dk: \d+ and col: 3 differ\.\n {2}Declare both/);
    expect(stderr).toMatch(/at .*variant\.ts:6:\d+\n/);
    expect(stderr).toMatch(/^6 {3}return powerLawOperator.*\n +\^$/m);
  });

  it('a checkpoint that does not fit the variant, with all that is missing or of another shape', async () => {
    const stderr = await refused(OWN_WEIGHT.replace('own.${layer}.scale', 'decoder.dec_layers.${layer}.layernorm1.weight'));
    expect(stderr).toMatch(/^ricci: The weights in .* do not fit the variant:\n/);
    expect(stderr).toMatch(/^ {2}- missing: own\.0\.G \[\d+, \d+\]$/m);
    expect(stderr).toMatch(/^ {2}- missing: own\.1\.G/m);
    expect(stderr).toMatch(/train one with it, or read only what is there/);
  });

  it('a file that is not there', async () => {
    const run = await asked(['generate', '--model', checkpoint.dir, '--variant', join(folder, 'no.ts'), 'abc'], noDevice);
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toMatch(/no\.ts could not be read: ENOENT.*\n {2}Give the file of a module/);
  });

  it('a variant beside a G of the caller’s', async () => {
    const file = await variantFile(DIRECT);
    const argv = ['forward', '--ids', '5', '--variant', file, '--g-file', 'G.safetensors', '--out', 'x'];
    expect((await asked(argv, noDevice)).stderr).toMatch(/'--variant <file>' cannot be used with option '--g-file/);
  });
});
