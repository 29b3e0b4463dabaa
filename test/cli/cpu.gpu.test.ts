import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkAddressable } from '../../cli/memory.ts';
import { PRESETS } from '../../models/pldr/presets.ts';
import { openSafetensors, withReader } from '../../runtime/safetensors/index.ts';
import type { Device } from '../../runtime/device.ts';
import { openDevice, type WebGpuDevice } from '../../runtime/webgpu/device.ts';
import { altered, openTestCpu } from '../support/device.ts';
import { temporaryFolder } from '../weights/support.ts';
import { textCheckpoint, type Checkpoint } from './checkpoints.ts';
import { lent, ricci, type Run } from './support.ts';

const folder = temporaryFolder();
let gpu: WebGpuDevice;
let cpu: Device;
let checkpoint: Checkpoint;

beforeAll(async () => {
  gpu = await openDevice();
  cpu = await openTestCpu(2);
  checkpoint = await textCheckpoint(folder);
});
afterAll(() => {
  gpu.close();
  cpu.close();
});

const generate = (...argv: readonly string[]): Promise<Run> =>
  ricci(['generate', '--model', checkpoint.dir, '--greedy', '--max-new-tokens', '20', ...argv]);

const json = async (run: Promise<Run>): Promise<Readonly<Record<string, unknown>>> => JSON.parse((await run).stdout);

describe('generate --device cpu', () => {
  it('writes the text that webgpu writes, and says where it ran', async () => {
    const onCpu = await json(generate('--device', 'cpu', '--threads', '2', '--json', 'abc'));
    const onGpu = await json(generate('--device', 'webgpu', '--json', 'abc'));
    expect(onCpu).toMatchObject({ device: 'cpu', adapter: expect.stringContaining('2 threads') });
    expect(onGpu).toMatchObject({ device: 'webgpu', adapter: gpu.name });
    expect(onCpu['ids']).toHaveLength(20);
    expect(onCpu['ids']).toEqual(onGpu['ids']);
  });

  it.each(['none', 'kv', 'g', 'kv+g'])('so it does with --cache %s', async (cache) => {
    const argv = ['generate', '--model', checkpoint.dir, '--greedy', '--max-new-tokens', '4', '--cache', cache, 'abc'];
    const onCpu = await ricci(argv, lent(cpu));
    expect(onCpu).toMatchObject({ code: 0, stderr: '' });
    expect(onCpu.stdout).toBe((await ricci(argv, lent(gpu))).stdout);
  });

  it('stops at Ctrl-C within a token, although it computes in this thread', async () => {
    let stop = (): void => undefined;
    let shown = 0;
    const run = await ricci(['generate', '--model', checkpoint.dir, '--greedy', '--max-new-tokens', '50', 'abc'], {
      ...lent(cpu),
      onInterrupt: (handler) => {
        stop = handler;
        return () => undefined;
      },
      onStdout: () => {
        shown += 1;
        if (shown === 3) setImmediate(stop); // as a signal, it is heard only where the event loop turns
        return undefined;
      },
    });
    expect(run).toMatchObject({ code: 130, stderr: '' });
    expect(shown).toBe(4); // the prompt, two tokens, and the end of the line
  });
});

async function logits(device: Device, weights: string): Promise<Float64Array> {
  const out = join(folder, `${device.kind}-${weights}.safetensors`);
  const argv = ['forward', '--model', checkpoint.dir, '--ids', '5,6,7', '--weights', weights, '--out', out];
  expect(await ricci(argv, lent(device))).toMatchObject({ code: 0, stderr: '' });
  const entry = (await openSafetensors(out)).tensors.get('prefill.logits');
  if (entry === undefined) throw new Error('no logits');
  return withReader((reader) => reader.readDoubles(entry));
}

describe('forward --device cpu', () => {
  it('writes the tensors that webgpu writes, but for roundings', async () => {
    const [ours, theirs] = [await logits(cpu, 'f32'), await logits(gpu, 'f32')];
    expect(ours).toHaveLength(3 * 80);
    expect(Math.max(...ours.map((x, i) => Math.abs(x - theirs[i])))).toBeLessThan(1e-4);
  });
});

describe('--weights', () => {
  const ids = async (device: Device, ...argv: readonly string[]): Promise<readonly number[]> => {
    const run = await ricci(
      ['generate', '--model', checkpoint.dir, '--greedy', '--max-new-tokens', '6', '--json', ...argv, 'abc'],
      lent(device),
    );
    return JSON.parse(run.stdout).ids;
  };

  describe.each(['cpu', 'webgpu'] as const)('on %s', (kind) => {
    const device = (): Device => (kind === 'cpu' ? cpu : gpu);

    it.each(['bf16', 'f16', 'int8'])('%s: caches change nothing', async (weights) => {
      expect(await ids(device(), '--weights', weights))
        .toEqual(await ids(device(), '--weights', weights, '--cache', 'g'));
    });

    it('changes logits the less, the more digits there are', async () => {
      const exact = await logits(device(), 'f32');
      const norm = (x: Float64Array): number => Math.hypot(...x);
      const error = async (weights: string): Promise<number> => {
        const other = await logits(device(), weights);
        return norm(other.map((x, i) => x - exact[i])) / norm(exact);
      };
      const [f16, bf16, int8] = [await error('f16'), await error('bf16'), await error('int8')];
      expect(f16).toBeGreaterThan(0);
      expect(f16).toBeLessThan(bf16);
      expect(bf16).toBeLessThan(int8);
      expect(int8).toBeLessThan(0.2);
    });
  });

  it.each(['bf16', 'f16'])('%s: logits are the same on both devices, but for roundings', async (weights) => {
    const [ours, theirs] = [await logits(cpu, weights), await logits(gpu, weights)];
    expect(Math.max(...ours.map((x, i) => Math.abs(x - theirs[i])))).toBeLessThan(1e-4);
  });
});

describe('memory', () => {
  it('of the host is what the weights must fit into', async () => {
    const argv = ['generate', '--model', checkpoint.dir, 'abc'];
    const run = await ricci(argv, { ...lent(cpu), availableMemory: () => 1000 });
    expect(run.stderr).toMatch(/The weights need \d+ MiB of device memory, and there are 0 MiB\./);
    expect(run).toMatchObject({ code: 4, stdout: '' });
  });

  it('beyond what WebAssembly addresses is refused on the CPU alone, with the way out', () => {
    const large = { ...PRESETS['v51-110M-1'], vocabSize: 2_000_000 };
    const check = (device: Device) => () => checkAddressable(device, large, 'f32');
    const message = 'The weights need 13.6 GiB as f32, and the device cpu addresses 4.0 GiB.';
    expect(check(cpu)).toThrow(message);
    expect(check(cpu)).toThrow('--device webgpu');
    expect(() => checkAddressable(cpu, large, 'int8')).not.toThrow();
    expect(check(gpu)).not.toThrow();
    expect(check(altered(cpu, { limits: gpu.limits }))).not.toThrow();
    expect(() => checkAddressable(cpu, PRESETS['v51-110M-1'], 'f32')).not.toThrow();
  });
});
