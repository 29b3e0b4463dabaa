import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  openSafetensors,
  withReader,
  writeSafetensors,
  type TensorEntry,
  type TensorFile,
} from '../../runtime/safetensors/index.ts';
import { openDevice, type WebGpuDevice } from '../../runtime/webgpu/device.ts';
import { caseFolder } from '../pldr/fixtures.ts';
import { altered } from '../support/device.ts';
import { temporaryFolder } from '../weights/support.ts';
import { overwrite, textCheckpoint, withoutG, type Checkpoint } from './checkpoints.ts';
import { lent, ricci, type Run, type World } from './support.ts';

const folder = temporaryFolder();
let device: WebGpuDevice;
let checkpoint: Checkpoint;

beforeAll(async () => {
  device = await openDevice();
  checkpoint = await textCheckpoint(folder);
});
afterAll(() => device.close());

const generate = (argv: readonly string[], world: World = {}): Promise<Run> =>
  ricci(['generate', '--model', checkpoint.dir, ...argv], { ...lent(device), ...world });

const greedy = ['--greedy', '--max-new-tokens', '6'];

interface Json {
  readonly promptIds: readonly number[];
  readonly ids: readonly number[];
  readonly text: string;
  readonly seed: number | null;
  readonly finishReason: string;
  readonly tokensPerSecond: number | null;
  readonly firstTokenMs: number | null;
}

const json = async (argv: readonly string[], world: World = {}): Promise<Json & { readonly run: Run }> => {
  const run = await generate(['--json', ...argv], world);
  return { ...JSON.parse(run.stdout), run };
};

describe('generate', () => {
  it('prints the prompt and the text as it comes, and nothing else', async () => {
    const pieces: string[] = [];
    const run = await generate([...greedy, 'abc'], { onStdout: (text) => void pieces.push(text) });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(pieces[0]).toBe('abc');
    expect(pieces.at(-1)).toBe('\n');
    expect(pieces.length).toBeGreaterThan(4);
    const { text, ids, promptIds, finishReason, run: second } = await json([...greedy, 'abc']);
    expect(run.stdout).toBe(`abc${text}\n`);
    expect(promptIds).toEqual([4, 5, 6, 7]);
    expect(ids).toHaveLength(6);
    expect(finishReason).toBe('length');
    expect(second).toMatchObject({ code: 0, stderr: '' });
  });

  it('prints at most once in a frame', async () => {
    const pieces: string[] = [];
    const run = await generate([...greedy, 'abc'], { now: () => 7, onStdout: (text) => void pieces.push(text) });
    const { text } = await json([...greedy, 'abc']);
    expect(run.code).toBe(0);
    expect(pieces).toEqual(['abc', `${text}\n`]);
  });

  it('begins an empty prompt from [END], which is not printed', async () => {
    const { promptIds, text } = await json([...greedy, '']);
    expect(promptIds).toEqual([3]);
    expect((await generate(greedy)).stdout).toBe(`${text.trimStart()}\n`);
  });

  it('reads the prompt from stdin, and repeats a seed', async () => {
    const { seed, ids, promptIds } = await json(['--max-new-tokens', '8', '--top-p', '1', '--temperature', '1', '-'], {
      stdin: 'hello',
    });
    expect(promptIds).toEqual([4, 12, 9, 16, 16, 19]);
    const again = await json([
      '--max-new-tokens',
      '8',
      '--top-p',
      '1',
      '--temperature',
      '1',
      '--seed',
      `${seed}`,
      'hello',
    ]);
    expect(again.ids).toEqual(ids);
  });

  it('ends at a stop text and leaves it out', async () => {
    const { text } = await json([...greedy, 'abc']);
    const stop = text.slice(2, 4);
    const at = text.indexOf(stop);
    expect(await json([...greedy, '--stop', 'never', '--stop', stop, 'abc'])).toMatchObject({
      text: text.slice(0, at),
      finishReason: 'stop',
    });
    expect((await generate([...greedy, '--stop', stop, 'abc'])).stdout).toBe(`abc${text.slice(0, at)}\n`);
  });

  it('says on stderr what it did when asked to', async () => {
    const { stdout, stderr } = await generate([...greedy, '--verbose', 'abc']);
    expect(stdout).toMatch(/^abc[^\n]*\n$/);
    expect(stderr).toMatch(
      /^6 tokens · ended by: length · greedy · loaded in .+ ms · first token after .+ ms · then .+ tokens\/s · /,
    );
  });

  it('draws a bar on a terminal while weights load', async () => {
    const { stderr } = await generate([...greedy, 'abc'], { isTTY: true });
    expect(stderr).toContain('loading weights');
    expect(stderr).toMatch(/█+ 1\/1 MiB/);
  });
});

describe('what ends a text early', () => {
  it('Ctrl-C: the text so far stands, and the exit code is 130', async () => {
    let stop = (): void => undefined;
    let shown = 0;
    const interrupted = await generate(['--greedy', '--max-new-tokens', '50', 'abc'], {
      onInterrupt: (handler) => {
        stop = handler;
        return () => undefined;
      },
      onStdout: () => {
        shown += 1;
        if (shown === 3) stop();
        return undefined;
      },
    });
    expect(interrupted).toMatchObject({ code: 130, stderr: '' });
    const { text } = await json(['--greedy', '--max-new-tokens', '50', 'abc']);
    expect(interrupted.stdout.endsWith('\n')).toBe(true);
    expect(`abc${text}`.startsWith(interrupted.stdout.trimEnd())).toBe(true);
    expect(interrupted.stdout.length).toBeLessThan(20);
  });

  it('a reader that is gone: no complaint', async () => {
    let shown = 0;
    const run = await generate(['--greedy', '--max-new-tokens', '50', 'abc'], {
      onStdout: () => {
        shown += 1;
        return shown < 4 ? undefined : Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
      },
    });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(shown).toBe(4);
  });

  it('a lost device: the text so far stands, and the error says what happened', async () => {
    const own = await openDevice();
    let shown = 0;
    const world: World = {
      openDevice: () => Promise.resolve(own),
      onStdout: () => {
        shown += 1;
        if (shown === 3) own.gpu.destroy();
        return undefined;
      },
    };
    const run = await generate(['--greedy', '--max-new-tokens', '50', 'abc'], world);
    expect(run.code).toBe(4);
    expect(run.stdout).toMatch(/^abc.{2,}\n$/);
    expect(run.stderr).toMatch(/^ricci: The device ".+" was lost: .+\n {2}What was printed before stands\./);
  });

  it('weights that are not numbers: the error names the layer and the tensor', async () => {
    const damaged = await textCheckpoint(folder);
    await overwrite(damaged.weights, 'decoder.dec_layers.1.ffn.gluw3.weight', Number.NaN);
    const run = await ricci(['generate', '--model', damaged.dir, '--greedy', 'abc'], lent(device));
    expect(run.stderr).toContain(
      'The logits are not finite numbers; the first such value is in layer 1, the output (NaN).',
    );
    expect(run.stdout).toBe('abc\n');
    expect(run.code).toBe(1);
  });
});

describe('what keeps a model from being loaded', () => {
  it('no such adapter', async () => {
    const run = await ricci(['generate', '--model', checkpoint.dir, '--adapter', 'nonsense', 'abc']);
    expect(run.stderr).toMatch(/^ricci: No adapter fits "nonsense"; this machine has: .+\n {2}Name one of them/);
    expect(run).toMatchObject({ code: 4, stdout: '' });
  });

  it('weights larger than the memory there is', async () => {
    const software: World = {
      openDevice: () =>
        Promise.resolve(altered(device, { limits: { ...device.limits, software: true }, close: () => undefined })),
      availableMemory: () => 1000,
    };
    const run = await generate(['abc'], software);
    expect(run.stderr).toMatch(/The weights need \d+ MiB of device memory, and there are 0 MiB\./);
    expect(run).toMatchObject({ code: 4, stdout: '' });
  });
});

describe('forward', () => {
  const model = caseFolder('v51G-identity');
  const out = join(folder, 'out.safetensors');
  const forward = (dir: string, ...argv: readonly string[]): Promise<Run> =>
    ricci(['forward', '--model', dir, '--out', out, ...argv], lent(device));

  let reference: TensorFile;
  let ids: string;
  beforeAll(async () => {
    reference = await openSafetensors(join(model, 'oracle.safetensors'));
    ids = (await withReader((reader) => reader.readIntegers(entryOf(reference, 'inputs.ids1')))).join();
  });

  /** The tensors that were written are those of the model authors' code. */
  async function expectReference(): Promise<void> {
    const written = await openSafetensors(out);
    await withReader(async (reader) => {
      for (const name of ['prefill.logits', 'prefill.hidden']) {
        const ours = await reader.readDoubles(entryOf(written, name));
        const theirs = await reader.readDoubles(entryOf(reference, name.replace('prefill.', 'f64.prefill1.')));
        expect(ours).toHaveLength(theirs.length);
        expect(Math.max(...ours.map((x, i) => Math.abs(x - theirs[i])))).toBeLessThan(1e-4);
      }
    });
  }

  it('writes what it says, which is what the reference says', async () => {
    const run = await forward(model, '--ids', ids, '--steps', '4', '--deductive');
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const { tensors } = await openSafetensors(out);
    const listed = [...tensors].map(([name, { dtype, shape }]) => `  ${name} ${dtype} [${shape.join(', ')}]`);
    expect(new Set(run.stdout.trimEnd().split('\n'))).toEqual(new Set([out, ...listed]));
    expect(tensors.get('greedy.ids')).toMatchObject({ dtype: 'I64', shape: [1, 4] });
    expect(tensors.get('prefill.layer1.attention')).toMatchObject({ dtype: 'F32', shape: [1, 4, 12, 12] });
    await expectReference();
  });

  it('takes G from a file: the identity there is the identity', async () => {
    const { dir } = await withoutG(folder);
    const G = join(folder, 'G.safetensors');
    const data = Float32Array.from({ length: 2 * 4 * 8 * 8 }, (_, i) => (Math.floor(i / 8) % 8 === i % 8 ? 1 : 0));
    await writeSafetensors(G, { G_LM: { dtype: 'F32', shape: [2, 4, 8, 8], data } });
    expect(await forward(dir, '--ids', ids, '--g-file', G)).toMatchObject({ code: 0, stderr: '' });
    await expectReference();
  });

  it('writes the file and fails when the logits are not numbers', async () => {
    const damaged = await textCheckpoint(folder);
    await overwrite(damaged.weights, 'decoder.dec_layers.0.mha1.wv.weight', Infinity);
    const run = await forward(damaged.dir, '--ids', '5,6');
    expect(run.stderr).toContain('the first such value is in layer 0, the output');
    expect(run.stdout).toContain('prefill.logits F32 [1, 2, 80]');
    expect(run.code).toBe(1);
  });

  it('takes rows of different lengths, or one flat list', async () => {
    const file = join(folder, 'ids.json');
    await writeFile(file, '[5, 6, 7]');
    expect((await forward(model, '--ids-file', file)).stdout).toContain('prefill.logits F32 [1, 3, 80]');
  });
});

function entryOf(file: TensorFile, name: string): TensorEntry {
  const entry = file.tensors.get(name);
  if (entry === undefined) throw new Error(`no tensor ${name}`);
  return entry;
}

describe('doctor and devices', () => {
  it('doctor runs a real kernel, and fails with a fix where there is no adapter', async () => {
    const good = await ricci(['doctor']);
    expect(good.stdout).toMatch(
      /^node .*\nadapter .*\nfeatures .*\nlimits .*\ndispatch {2}a kernel ran, and its result was read back right\n/,
    );
    expect(good.stdout).toMatch(
      /\ncpu .*\nkernel {4}a kernel ran, and its result was read back right\nverdict {3}ready: /,
    );
    expect(good.code).toBe(0);
    const none = await ricci(['doctor', '--adapter', 'nonsense']);
    expect(none.stdout).toMatch(/\nadapter {3}none\nproblem {3}No adapter fits "nonsense".*\nfix {7}Name one of them/);
    expect(none.code).toBe(4);
  });

  it('both speak JSON', async () => {
    const doctor: unknown = JSON.parse((await ricci(['doctor', '--json'])).stdout);
    expect(doctor).toMatchObject({
      dispatches: true,
      adapter: { limits: { maxStorageBuffersPerShaderStage: expect.any(Number) } },
    });
    const devices: unknown = JSON.parse((await ricci(['devices', '--json'])).stdout);
    expect(devices).toEqual(
      expect.arrayContaining([expect.objectContaining({ name: expect.any(String), backend: expect.any(String) })]),
    );
    expect((await ricci(['devices'])).stdout).toMatch(/^name +kind +backend/);
  });
});
