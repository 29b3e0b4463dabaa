import { beforeEach, describe, expect, it, vi } from 'vitest';
import { openHardware } from '../../runtime/webgpu/hardware.ts';

/* The package `webgpu` is replaced: what a machine with other adapters, or with a broken package, would answer. */

interface Fake {
  readonly name: string;
  readonly software: boolean;
  readonly refuses?: boolean;
}

const machine = vi.hoisted(() => ({ adapters: [] as readonly Fake[], broken: false, loaded: 0 }));

vi.mock('webgpu', () => ({
  globals: {},
  create: (options: readonly string[]) => {
    machine.loaded += 1;
    return { requestAdapter: () => requestAdapter(options) };
  },
}));

/** As Dawn: the first adapter, the one that is named, or an error that lists all of them. */
async function requestAdapter(options: readonly string[]): Promise<unknown> {
  if (machine.broken) throw new Error('the loader broke down');
  const wanted = options.find((o) => o.startsWith('adapter='))?.slice('adapter='.length);
  const found = wanted === undefined ? machine.adapters[0] : machine.adapters.find((a) => a.name === wanted);
  if (found !== undefined) return fakeAdapter(found);
  if (wanted === undefined) return null;
  throw new Error(machine.adapters.map((a) => ` * backend: 'vulkan', name: '${a.name}'`).join('\n'));
}

const fakeAdapter = ({ name, software, refuses = false }: Fake): unknown => ({
  info: { device: name, description: '', isFallbackAdapter: software },
  features: new Set(),
  limits: {},
  requestDevice: () => (refuses ? Promise.reject(new Error('no')) : Promise.resolve(fakeDevice)),
});

const fakeDevice = {
  features: new Set(),
  limits: {},
  lost: new Promise(() => undefined),
  addEventListener: () => undefined,
};

const card: Fake = { name: 'A Card', software: false };
const lavapipe: Fake = { name: 'llvmpipe', software: true };

/** The name of the GPU that is opened. */
async function opened(adapters: readonly Fake[]): Promise<string | undefined> {
  machine.adapters = adapters;
  return (await openHardware(() => Promise.resolve(true)))?.name;
}

beforeEach(() => {
  machine.broken = false;
});

describe('openHardware', () => {
  it('takes a real GPU, also one that is not the first', async () => {
    expect(await opened([card, lavapipe])).toBe('A Card');
    expect(await opened([lavapipe, card])).toBe('A Card');
  });

  it('takes no software adapter, and none where there is none', async () => {
    expect(await opened([lavapipe])).toBeUndefined();
    expect(await opened([])).toBeUndefined();
  });

  it('takes none where WebGPU or the driver is broken', async () => {
    expect(await opened([{ ...card, refuses: true }])).toBeUndefined();
    machine.broken = true;
    expect(await opened([card])).toBeUndefined();
  });

  it('does not load WebGPU where looking is of no use', async () => {
    machine.adapters = [card];
    machine.loaded = 0;
    expect(await openHardware(() => Promise.resolve(false))).toBeUndefined();
    expect(machine.loaded).toBe(0);
  });
});
