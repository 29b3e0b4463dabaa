import { describe, expect, it } from 'vitest';
import { chooseDevice, resolveChoice, type DeviceChoice, type Openers } from '../../runtime/open.ts';
import { hasFusedVectors } from '../../runtime/cpu/features.ts';
import type { Device } from '../../runtime/device.ts';
import { altered, openTestCpu } from '../support/device.ts';
import { errorOf } from '../weights/support.ts';

const some = await openTestCpu();
const named = (name: string): Device => altered(some, { name });

/** Opens nothing, and writes down what would be opened. */
async function chosen(choice: DeviceChoice, hardware: Device | undefined): Promise<readonly string[]> {
  const asked: string[] = [];
  const openers: Openers = {
    hardware: () => (asked.push('hardware'), Promise.resolve(hardware)),
    webgpu: (options) => Promise.resolve(named(`webgpu ${JSON.stringify(options)}`)),
    cpu: (options) => Promise.resolve(named(`cpu ${JSON.stringify(options)}`)),
  };
  const device = await chooseDevice(choice, openers);
  return [...asked, device.name];
}

describe('chooseDevice', () => {
  const gpu = named('a real GPU');

  it.each([
    ['by default takes a real GPU', {}, gpu, ['hardware', 'a real GPU']],
    ['takes the CPU where there is none', {}, undefined, ['hardware', 'cpu {}']],
    ['auto is the default', { device: 'auto', threads: 3 }, undefined, ['hardware', 'cpu {"threads":3}']],
    ['fused is for the CPU', { fused: true }, undefined, ['hardware', 'cpu {"fused":true}']],
    ['cpu does not look for a GPU', { device: 'cpu' }, gpu, ['cpu {}']],
    ['webgpu takes what there is', { device: 'webgpu' }, undefined, ['webgpu {}']],
    ['an adapter implies webgpu', { adapter: 'x' }, gpu, ['webgpu {"adapter":"x"}']],
    ['an adapter implies webgpu, also with auto', { device: 'auto', adapter: 'x' }, gpu, ['webgpu {"adapter":"x"}']],
  ] as const)('%s', async (_, choice, hardware, expected) => {
    expect(await chosen(choice, hardware)).toEqual(expected);
  });

  it('refuses what does not go together, before anything is opened', async () => {
    const refused = async (choice: DeviceChoice): Promise<string> => {
      const asked: string[] = [];
      const open = (name: string) => (): Promise<Device> => (asked.push(name), Promise.resolve(gpu));
      const openers = { hardware: open('hardware'), webgpu: open('webgpu'), cpu: open('cpu') };
      const error = await errorOf(() => chooseDevice(choice, openers));
      expect(error.code).toBe('device/choice');
      expect(asked).toEqual([]);
      return error.message;
    };
    expect(await refused({ device: 'cpu', adapter: 'llvmpipe' })).toContain(
      'The adapter "llvmpipe" is asked for, and the device cpu has no adapters.',
    );
    expect(await refused({ device: 'webgpu', threads: 2 })).toContain('only the device cpu can be told how many');
    expect(await refused({ device: 'webgpu', fused: true })).toContain('fused is asked for, and only the device cpu');
    expect(await refused({ adapter: 'x', threads: 0 })).toMatch(/told how many\. threads is 0, and must be a whole/);
    expect(await refused({ threads: 1.5 })).toContain('threads is 1.5, and must be a whole number from 1 up.');
  });

  it('fuses only where the engine can', async () => {
    const opened = chooseDevice({ device: 'cpu', threads: 1, fused: true });
    if (!hasFusedVectors()) {
      await expect(opened).rejects.toMatchObject({ code: 'device/no-relaxed-simd' });
      return;
    }
    const device = await opened;
    expect(device.limits).toEqual({ kind: 'cpu', fused: true });
    device.close();
  });

  it('knows what a choice means without opening it', () => {
    expect(resolveChoice({})).toBe('auto');
    expect(resolveChoice({ adapter: 'x' })).toBe('webgpu');
    expect(resolveChoice({ device: 'cpu', threads: 2 })).toBe('cpu');
  });
});
