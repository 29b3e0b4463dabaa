import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { examine } from '../../cli/inspect/examine.ts';
import { STYLE } from '../../cli/inspect/html/style.ts';
import { showPasses } from '../../cli/inspect/passes.ts';
import type { Report } from '../../cli/inspect/report.ts';
import { drawSvg, kindOf } from '../../cli/inspect/svg.ts';
import { compile } from '../../compiler/compile.ts';
import type { ProgramSource } from '../../compiler/draft.ts';
import { BASE_TARGET } from '../../compiler/target.ts';
import { add, axis, input, parameter, scatterAdd } from '../../dsl/index.ts';
import { loadConfig } from '../../models/pldr/index.ts';
import { configJson } from '../../models/pldr/config-json.ts';
import { PRESETS } from '../../models/pldr/presets.ts';
import { caseFolder } from '../pldr/fixtures.ts';
import { temporaryFolder } from '../weights/support.ts';
import { noDevice, ricci } from './support.ts';

const folder = temporaryFolder();
const small = ['--config', join(caseFolder('v51-small'), 'config.json')];

const inspect = async (...argv: readonly string[]): Promise<string> => {
  const run = await ricci(['inspect', ...argv], noDevice);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  return run.stdout;
};

const inspectJson = async (...argv: readonly string[]): Promise<Report> => JSON.parse(await inspect(...argv, '--json'));

/** The small model's report, and the drawing that was made with it. */
let whole: Report;
const drawing = join(folder, 'step.svg');

beforeAll(async () => {
  whole = await inspectJson(...small, '--svg', drawing);
});

describe('PLDRv51-110M-1, from its config.json alone', () => {
  let report: Report;

  beforeAll(async () => {
    const config = join(folder, 'config.json');
    await writeFile(config, JSON.stringify(configJson(PRESETS['v51-110M-1'], 'float32')));
    report = await inspectJson('--config', config);
  });

  it('runs a step of at most 5 dispatches per layer, and 4', () => {
    const { step } = report.programs;
    expect(step.dispatchesPerLayer).toBe(5);
    expect(step.dispatches).toBeLessThanOrEqual(5 * 5 + 4);
    expect(step.dispatches).toBe(step.kernels.reduce((n, k) => n + k.dispatches, 0));
    for (let layer = 0; layer < 5; layer++) {
      const kernels = step.kernels.filter((k) => k.layer === layer);
      expect(kernels).toHaveLength(5);
      // A kernel is counted for the last layer whose weights it reads: the first makes the norm before it as well.
      for (const k of kernels.slice(1)) for (const name of k.reads) expect(name).toContain(`.dec_layers.${layer}.`);
      const before = kernels[0].reads.filter((n) => !n.includes(`.dec_layers.${layer}.`));
      expect(before).toHaveLength(layer === 0 ? 0 : 2);
      for (const name of before) expect(name).toContain(`.dec_layers.${layer - 1}.layernorm2.`);
    }
  });

  it('has nothing of the net that makes G in the step, and all of it in the prefill', () => {
    const reads = (program: string): ReadonlySet<string> =>
      new Set(report.programs[program].kernels.flatMap((k) => k.reads));
    const net = [...reads('prefill')].filter((name) => /reslayerAs|plgatt_layer|mha1\.layernorm1/.test(name));
    // 8 units of 2 gated units with 6 tensors, a norm in each unit and before them, 5 tensors of the power law.
    expect(net).toHaveLength(5 * (8 * (2 * 6 + 2) + 2 + 5));
    expect(net.filter((name) => reads('step').has(name))).toEqual([]);
    expect(report.programs.step.operatorWeights).toBe(0);
    expect(report.programs.prefill.operatorWeights).toBe(net.length);
  });

  it('reads every other weight in the step', () => {
    const reads = new Set(report.programs.step.kernels.flatMap((k) => k.reads));
    // Per layer 4 projections and 3 of the gated unit with a bias each, 2 norms; the embedding and its norm; the head.
    expect(reads.size).toBe(5 * (7 * 2 + 2 * 2) + 3 + 2);
    expect(report.parameters).toBe(109_689_362);
    expect(report.weights.bytes).toBeGreaterThanOrEqual(4 * report.parameters);
  });

  it('says of each kernel what scripts ask for', () => {
    for (const { kernels } of Object.values(report.programs)) {
      for (const kernel of kernels) {
        expect(kernel).toMatchObject({
          name: expect.stringMatching(/./),
          dispatches: 1,
          bytesRead: expect.any(Number),
          bytesWritten: expect.any(Number),
          flops: expect.any(Number),
        });
        expect(kernel.source).toMatch(/^models\/pldr\/[\w-]+\.ts:\d+$/);
      }
    }
  });
});

describe('the report as text', () => {
  it('shows both programs, their kernels and their memory', async () => {
    const text = await inspect(...small);
    expect(text).toContain('2 layers · 2 heads of 16 · width 32 · vocabulary 96 · context 64');
    expect(text).toMatch(
      /program prefill, at pos = 64\n {2}\d+ dispatches, ≤ \d+ per layer; .*reads \d+ weights of the net/,
    );
    expect(text).toMatch(
      /program step, at key = 64\n {2}\d+ dispatches, ≤ \d+ per layer; .*reads no weight of the net that makes G/,
    );
    expect(text).toMatch(/# {2}layer {2}kernel +source +groups/);
    expect(text).toMatch(/states.*\n +layer\*\.G .* × 2 layers/);
  });

  it('counts at the positions that were asked for', async () => {
    const half = await inspectJson(...small, '--context', '32');
    expect(half.programs.prefill.sizes).toEqual({ pos: 32 });
    expect(half.programs.prefill.flops).toBeLessThan(whole.programs.prefill.flops);
  });

  it('with the keys and values alone has the net in the step', async () => {
    const { programs } = await inspectJson(...small, '--cache', 'kv');
    // A is kept, so only what follows it is made again: the power law.
    expect(new Set(programs.step.kernels.flatMap((k) => k.reads.filter((r) => /reslayerAs/.test(r))))).toEqual(
      new Set(),
    );
    expect(programs.step.operatorWeights).toBe(2 * 5);
  });
});

describe('--passes', () => {
  it('shows the graph after each pass, and says where nothing changed', async () => {
    const text = await inspect(...small, '--passes');
    for (const program of ['prefill', 'step']) {
      for (const pass of ['stage', 'verify', 'narrow', 'split', 'simplify'])
        expect(text).toContain(`=== ${program} after ${pass} ===`);
    }
    expect(text).toContain('=== step after verify ===\n(unchanged)');
    const step = text.slice(text.indexOf('=== step after stage'), text.indexOf('=== step after verify'));
    expect(step).toContain('input("state:layer0.G")');
    expect(step).not.toMatch(/reslayerAs|plgatt_layer/);
  });
});

describe('a program that updates weights', () => {
  const [Row, Col, At] = [axis('row', 6), axis('col', 4), axis('at', 3)];
  const weight = parameter('w', [Row, Col]);
  const rows = scatterAdd(input('x', [At, Col]), input('ids', [At], 'i32'), At, Row);
  const source: ProgramSource = {
    name: 'learn', outputs: { first: input('x', [At, Col]).node }, updates: new Map([['w', add(weight, rows).node]]),
  };

  it('shows its updates in each pass', async () => {
    const examined = examine(await loadConfig(small[1]), { cache: 'kv+g', hasHead: true, target: BASE_TARGET });
    const text = showPasses({ ...examined, sources: [source] });
    const learn = text.slice(text.indexOf('=== learn after stage ==='));
    expect(learn).toMatch(/scatterAdd/);
    expect(learn).toContain('that is: first, the new w');
  });

  it('has kernels of its form, with a colour of their own', () => {
    const { programs: [{ kernels }] } = compile([source]);
    const [scatter] = kernels.filter(({ name }) => name.startsWith('scatter_'));
    expect(kindOf(scatter.name)).toBe('scatter');
    expect(STYLE).toContain('.fill-scatter');
    expect(drawSvg({ boxes: [], arrows: [], columns: [], rows: 1 }, 'learn')).toContain('class="fill-scatter"');
  });
});

describe('--wgsl', () => {
  it('prints every module under the kernels that run it', async () => {
    const text = await inspect(...small, '--wgsl');
    const { programs } = whole;
    expect(text.match(/^fn main\(/gm)).toHaveLength(programs.prefill.pipelines + programs.step.pipelines);
    const titled = [...text.matchAll(/=== step, module \d+: kernel ([\d, ]+) ===/g)].flatMap(([, list]) =>
      list.split(', ').map(Number),
    );
    expect(titled.sort((a, b) => a - b)).toEqual(programs.step.kernels.map((_, i) => i));
  });
});

describe('--weights', () => {
  it.each(['bf16', 'f16', 'int8'])('%s: modules read words of bits, with no feature of a device', async (weights) => {
    const text = await inspect(...small, '--weights', weights, '--wgsl');
    expect(text).toMatch(/^@group\(0\) @binding\(1\) var<storage, read> \w+: array<(vec2<)?u32>/m);
    expect(text).toContain(`= four_${weights}(`);
    expect(text).not.toMatch(/enable f16|requires /);
  });

  it('tells how many bytes a step then reads', async () => {
    const read = async (weights: string): Promise<number> =>
      (await inspectJson(...small, '--weights', weights)).programs.step.bytesRead;
    const [f32, bf16, f16, int8] = await Promise.all(['f32', 'bf16', 'f16', 'int8'].map(read));
    expect(f32).toBe(whole.programs.step.bytesRead);
    expect(bf16).toBeLessThan(f32);
    expect(f16).toBe(bf16);
    expect(int8).toBeLessThan(bf16);
  });

  it('is a pass of its own', async () => {
    const text = await inspect(...small, '--weights', 'bf16', '--passes');
    expect(text).toContain('parameter("decoder.dec_layers.0.mha1.wq.weight", bf16)');
    expect(await inspect(...small, '--passes')).toMatch(/^=== step after narrow ===\n\(unchanged\)/m);
  });
});

describe('--device cpu', () => {
  it('shows the same columns, of the kernels that a CPU runs', async () => {
    const text = await inspect(...small, '--device', 'cpu');
    const [header] = /#  layer  kernel.*/.exec(await inspect(...small)) ?? [''];
    expect(/#  layer  kernel.*/.exec(text)?.[0].split(/ {2,}/)).toEqual(header.split(/ {2,}/));
    expect(text).toMatch(
      /program step, at key = 64\n {2}\d+ dispatches, ≤ \d+ per layer; \d+ functions; reads no weight/,
    );
  });

  it('speaks JSON, and says for what the programs are', async () => {
    const { device, programs } = await inspectJson(...small, '--device', 'cpu');
    expect([whole.device, device]).toEqual(['webgpu', 'cpu']);
    expect(Object.keys(programs)).toEqual(Object.keys(whole.programs));
  });

  it('--wat prints one module for each program, and which kernels its functions are', async () => {
    const text = await inspect(...small, '--device', 'cpu', '--wat');
    const { programs } = await inspectJson(...small, '--device', 'cpu');
    const step = text.slice(text.indexOf(';; === step ==='));
    expect(text.match(/^\(module/gm)).toHaveLength(2);
    expect(step.match(/^\(func \$k\d+ \(export/gm)).toHaveLength(programs.step.pipelines);
    const titled = [...step.matchAll(/^;; \$k\d+ is kernel ([\d, ]+)$/gm)].flatMap(([, list]) =>
      list.split(', ').map(Number),
    );
    expect(titled.sort((a, b) => a - b)).toEqual(programs.step.kernels.map((_, i) => i));
  });
});

describe('--svg', () => {
  it('draws a box for each kernel of the step, and arrows that go forward', async () => {
    const { programs } = whole;
    const svg = await readFile(drawing, 'utf8');
    expect(svg.match(/<g class="box"/g)).toHaveLength(programs.step.kernels.length);
    for (const [i, { name }] of programs.step.kernels.entries()) expect(svg).toContain(`>${i}  ${name}</text>`);
    // Every kernel but the first reads what another made.
    expect(svg.match(/marker-end/g)?.length).toBeGreaterThanOrEqual(programs.step.kernels.length - 1);
    for (const title of ['embedding', 'layer 0', 'layer 1', 'head']) expect(svg).toContain(`>${title}</text>`);
  });

  it('that cannot be written is an error', async () => {
    const run = await ricci(['inspect', ...small, '--svg', join(folder, 'nowhere', 'step.svg')], noDevice);
    expect(run.stderr).toContain('step.svg could not be written');
    expect(run.code).toBe(1);
  });
});
