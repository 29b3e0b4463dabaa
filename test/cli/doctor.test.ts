import { describe, expect, it } from 'vitest';
import { computesRight } from '../../cli/kernel-check.ts';
import type { AdapterSummary } from '../../runtime/webgpu/device.ts';
import type { Diagnosis } from '../../runtime/webgpu/diagnose.ts';
import { altered, openTestCpu } from '../support/device.ts';
import { ricci, type World } from './support.ts';

/* Machines that are not there: what the commands say of them. */

const card: AdapterSummary = {
  name: 'A Card',
  vendor: 'maker',
  architecture: 'first',
  driver: '1.0',
  backend: 'vulkan',
  software: false,
  features: ['subgroups'],
  limits: { maxStorageBufferBindingSize: 2 ** 30 },
  subgroupSize: { min: 32, max: 32 },
};
const lavapipe: AdapterSummary = { ...card, name: 'llvmpipe', software: true };

const works = (adapter: AdapterSummary): Diagnosis =>
  ({ adapter, dispatches: true, problem: undefined, fix: undefined });
const NONE: Diagnosis = { adapter: undefined, dispatches: false, problem: 'There is no adapter.', fix: 'Get one.' };

const withGpu = (found: Diagnosis): World => ({ diagnose: () => Promise.resolve(found) });
const noCpu: World = { openDevice: () => Promise.reject(new Error('no threads')) };

describe('doctor', () => {
  it('examines both devices, and says which one auto takes', async () => {
    const hardware = await ricci(['doctor'], withGpu(works(card)));
    expect(hardware.stdout).toMatch(
      /^node .*\nadapter {3}A Card · .* · hardware\nfeatures .*\nlimits .*\ndispatch {2}a kernel ran/,
    );
    expect(hardware.stdout).toMatch(/\ncpu .* · WebAssembly SIMD · \d+ threads?\nkernel {4}a kernel ran.*\n/);
    expect(hardware.stdout).toMatch(/\nverdict {3}ready: `--device auto` takes the GPU\n$/);
    const software = await ricci(['doctor'], withGpu(works(lavapipe)));
    expect(software.stdout).toContain('software: runs on the CPU');
    expect(software.stdout).toMatch(/\nverdict {3}ready: `--device auto` takes the CPU\n$/);
    expect([hardware.code, software.code]).toEqual([0, 0]);
  });

  it('is ready without an adapter, and says how to have one', async () => {
    const run = await ricci(['doctor'], withGpu(NONE));
    expect(run.stdout).toContain('\nadapter   none. There is no adapter. Get one.\ncpu ');
    expect(run.stdout).toMatch(/\nverdict {3}ready: `--device auto` takes the CPU\n$/);
    expect(run).toMatchObject({ code: 0, stderr: '' });
  });

  it('is not ready where nothing computes', async () => {
    const run = await ricci(['doctor'], { ...withGpu(NONE), ...noCpu });
    expect(run.stdout).toContain('\nadapter   none\nproblem   There is no adapter.\nfix       Get one.\ncpu ');
    expect(run.stdout).toMatch(/\nkernel {4}The CPU runs no kernel: .*no threads\n$/);
    expect(run.code).toBe(4);
  });

  it('warns where auto takes what does not compute', async () => {
    const broken = { ...works(card), dispatches: false, problem: 'It gives wrong numbers.', fix: 'Update it.' };
    const run = await ricci(['doctor'], withGpu(broken));
    expect(run.stdout).toContain('\nproblem   It gives wrong numbers.\nfix       Update it.\n');
    expect(run.stdout).toContain('ready with `--device cpu`; auto takes the GPU, which does not compute');
    const other = await ricci(['doctor'], { ...withGpu(works(lavapipe)), ...noCpu });
    expect(other.stdout).toContain('ready with `--device webgpu`; auto takes the CPU, which does not compute');
    expect([run.code, other.code]).toEqual([0, 0]);
  });

  it('examines the one that is asked for', async () => {
    const cpu = await ricci(['doctor', '--device', 'cpu', '--threads', '2'], withGpu(works(card)));
    expect(cpu.stdout).not.toContain('adapter');
    expect(cpu.stdout).toMatch(/\nverdict {3}ready\n$/);
    const gpu = await ricci(['doctor', '--device', 'webgpu'], withGpu(NONE));
    expect(gpu.stdout).not.toContain('cpu');
    expect([cpu.code, gpu.code]).toEqual([0, 4]);
  });

  it('speaks JSON', async () => {
    const { stdout } = await ricci(['doctor', '--json'], withGpu(works(card)));
    expect(JSON.parse(stdout)).toMatchObject({
      adapter: { name: 'A Card' },
      dispatches: true,
      cpu: { kind: 'cpu', simd: true, computes: true, threads: expect.any(Number) },
      auto: 'webgpu',
      ready: true,
    });
    const none: unknown = JSON.parse((await ricci(['doctor', '--json', '--device', 'cpu'], noCpu)).stdout);
    const problem: unknown = expect.stringContaining('no threads');
    expect(none).toMatchObject({ cpu: { computes: false, problem }, ready: false });
  });
});

describe('the kernel that doctor runs', () => {
  it('is right on the CPU, and found wrong where a device forgets what it was given', async () => {
    const cpu = await openTestCpu(2);
    expect(await computesRight(cpu)).toBe(true);
    expect(await computesRight(altered(cpu, { write: () => undefined }))).toBe(false);
    cpu.close();
  });
});

describe('devices', () => {
  const withAdapters = (...adapters: readonly AdapterSummary[]): World => ({
    listAdapters: () => Promise.resolve(adapters),
  });

  it('lists adapters and the CPU', async () => {
    const { code, stdout } = await ricci(['devices'], withAdapters(card, lavapipe));
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/).slice(0, 4))).toEqual([
      ['name', 'kind', 'backend', 'parallel'],
      ['A Card', 'hardware', 'vulkan', 'subgroups of 32'],
      ['llvmpipe', 'software', 'vulkan', 'subgroups of 32'],
      [expect.any(String), 'cpu', 'WebAssembly SIMD', expect.stringMatching(/^\d+ threads?$/)],
      [''],
    ]);
    expect(code).toBe(0);
  });

  it('says where there is no adapter, or no WebGPU at all, and that is no failure', async () => {
    const broken: World = { listAdapters: () => Promise.reject(new Error('no package')) };
    for (const world of [withAdapters(), broken]) {
      const { code, stdout } = await ricci(['devices'], world);
      expect(stdout).toMatch(/ cpu +WebAssembly SIMD +\d+ threads? +4\.0 GiB +-\n\nNo adapter of WebGPU was found\. /);
      expect(code).toBe(0);
    }
  });

  it('speaks JSON', async () => {
    expect(JSON.parse((await ricci(['devices', '--json'], withAdapters(lavapipe))).stdout)).toEqual([
      { device: 'webgpu', kind: 'software', ...lavapipe },
      { device: 'cpu', kind: 'cpu', name: expect.any(String), simd: true, threads: expect.any(Number) },
    ]);
  });
});
