import { afterEach, describe, expect, it } from 'vitest';
import { RicciError } from '../../dsl/errors.ts';
import { limitsOf } from '../../runtime/webgpu/adapter.ts';
import { type DeviceOptions, listAdapters, openDevice, type WebGpuDevice } from '../../runtime/webgpu/device.ts';
import { diagnose } from '../../runtime/webgpu/diagnose.ts';
import { probeDispatch } from '../../runtime/webgpu/probe.ts';
import { DEVICES } from '../support/every-device.ts';

const opened: WebGpuDevice[] = [];
const open = async (options?: DeviceOptions): Promise<WebGpuDevice> => {
  const device = await openDevice(options);
  opened.push(device);
  return device;
};
afterEach(() => opened.splice(0).forEach((device) => device.close()));

describe('openDevice', () => {
  it("has the adapter's own limits, not WebGPU's defaults", async () => {
    const { gpu, info } = await open();
    expect(limitsOf(gpu.limits)).toEqual(info.limits);
    expect(info.limits.maxStorageBuffersPerShaderStage).toBeGreaterThanOrEqual(8);
  });

  it('has each wanted feature exactly when the adapter has it', async () => {
    const { gpu, info } = await open();
    for (const feature of ['subgroups', 'timestamp-query', 'shader-f16'] as const) {
      expect(gpu.features.has(feature)).toBe(info.features.includes(feature));
    }
    expect(info.subgroupSize !== undefined).toBe(info.features.includes('subgroups'));
  });

  it('takes an adapter by a part of its listed name, in any case', async () => {
    const [first] = await listAdapters();
    const part = first?.name.slice(1, 6).toUpperCase() ?? '';
    expect((await open({ adapter: part })).info.name.toUpperCase()).toContain(part);
  });

  it('takes one by kind', async () => {
    const [first] = await listAdapters();
    const kind = first?.software ? 'software' : 'hardware';
    expect((await open({ adapter: kind })).info.software).toBe(kind === 'software');
  });

  it('names what there is when no adapter fits', async () => {
    const names = (await listAdapters()).map((adapter) => adapter.name);
    const refused = await openDevice({ adapter: 'no such card' }).catch((thrown: unknown) => thrown);
    expect(refused).toBeInstanceOf(RicciError);
    expect(refused).toMatchObject({ code: 'device/no-adapter' });
    expect(String(refused)).toContain('no such card');
    for (const name of names) expect(String(refused)).toContain(name);
  });
});

describe('an open device', () => {
  it('computes: a real dispatch is read back', async () => {
    expect(await probeDispatch((await open()).gpu)).toBe(true);
  });

  it('fails the probe once it is closed', async () => {
    const device = await open();
    device.close();
    expect(await probeDispatch(device.gpu)).toBe(false);
    expect((await device.lost).reason).toBe('destroyed');
  });

  it('hands over uncaptured errors once, as errors of Ricci', async () => {
    const device = await open();
    device.gpu.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.MAP_WRITE });
    await device.gpu.queue.onSubmittedWorkDone();
    await expect.poll(() => device.takeErrors().map((error) => error.code)).toEqual(['device/validation']);
    expect(device.takeErrors()).toEqual([]);
  });

  it('outlives garbage collection of everything that made it', async () => {
    const devices = await Promise.all([open(), open(), open()]);
    for (let round = 0; round < 20; round++) {
      Array.from({ length: 100 }, () => new Float64Array(50_000)); // 40 MB of garbage: collections happen by themselves
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const { gpu } of devices) expect(await probeDispatch(gpu)).toBe(true);
  });
});

describe.each(DEVICES)('a device, $kind,', ({ kind, open: openOne }) => {
  it('says what it is, and is lost when it is closed, once and for all', async () => {
    const device = await openOne();
    expect(device).toMatchObject({ kind, limits: { kind }, compiled: 0 });
    expect(device.name).not.toBe('');
    device.close();
    device.close();
    expect((await device.lost).reason).toBe('destroyed');
  });
});

describe('diagnose', () => {
  it('finds nothing to mend where the tests run', async () => {
    const diagnosis = await diagnose();
    expect(diagnosis.dispatches).toBe(true);
    expect(diagnosis.adapter?.name).toBe((await open()).info.name);
    // A machine that hides its card from Vulkan is a warning with a fix; anything else is no problem at all.
    expect(diagnosis.problem === undefined).toBe(diagnosis.fix === undefined);
  });

  it('reports an adapter that is not there, with one fix', async () => {
    const diagnosis = await diagnose({ adapter: 'no such card' });
    expect(diagnosis).toMatchObject({ adapter: undefined, dispatches: false });
    expect(diagnosis.problem).toContain('no such card');
    expect(diagnosis.fix).toBeTruthy();
  });
});
