import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CpuDevice } from '../../runtime/cpu/cpu-device.ts';

describe('the CPU device refuses what would reach other memory', () => {
  let device: CpuDevice;
  let other: CpuDevice;
  beforeAll(async () => {
    [device, other] = await Promise.all([CpuDevice.open({ threads: 1 }), CpuDevice.open({ threads: 1 })]);
  });
  afterAll(() => {
    device.close();
    other.close();
  });

  test('a buffer of another device of the same kind', () => {
    const foreign = other.createBuffer('theirs', 64);
    expect(() => device.write(foreign, 0, Float32Array.of(1)))
      .toThrow('A CPU device was given the buffer "theirs", which another device made.');
  });

  test('bytes beyond a buffer, or before it', async () => {
    const buffer = device.createBuffer('small', 64);
    expect(() => device.write(buffer, 64, Float32Array.of(1)))
      .toThrow('4 bytes from byte 64 on were asked for of the buffer "small", which has 64.');
    await expect(device.read(buffer, [{ offset: -4, bytes: 8 }])).rejects.toThrow('8 bytes from byte -4 on');
    const copy = (): void => device.submit((c) => c.copy(buffer, 32, device.createBuffer('to', 64), 0, 64));
    expect(copy).toThrow('64 bytes from byte 32 on were asked for of the buffer "small", which has 64.');
  });

  test('a buffer that was destroyed', () => {
    const buffer = device.createBuffer('gone', 64);
    buffer.destroy();
    expect(() => device.write(buffer, 0, Float32Array.of(1))).toThrow('The buffer "gone" was destroyed.');
  });
});
