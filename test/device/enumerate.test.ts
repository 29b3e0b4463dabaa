import { describe, expect, it } from 'vitest';
import type { AdapterSummary } from '../../runtime/webgpu/adapter.ts';
import { adapterMatches } from '../../runtime/webgpu/device.ts';
import { listAdapters, parseAdapterList } from '../../runtime/webgpu/enumerate.ts';

const card: AdapterSummary = {
  name: 'NVIDIA H100 PCIe',
  vendor: 'nvidia',
  architecture: 'hopper',
  driver: '',
  backend: 'vulkan',
  software: false,
  features: [],
  limits: {},
};

describe('parseAdapterList', () => {
  it("reads Dawn's list, keeping equal entries once", () => {
    const message = `no suitable backends found
Available adapters:
 * backend: 'vulkan', name: 'llvmpipe (LLVM 15.0.6, 256 bits)'
 * backend: 'd3d12', name: 'It's "odd"'
 * backend: 'vulkan', name: 'llvmpipe (LLVM 15.0.6, 256 bits)'
`;
    expect(parseAdapterList(message)).toEqual([
      { backend: 'vulkan', name: 'llvmpipe (LLVM 15.0.6, 256 bits)' },
      { backend: 'd3d12', name: `It's "odd"` },
    ]);
  });

  it('finds none in a message without a list', () => {
    expect(parseAdapterList('no suitable backends found')).toEqual([]);
    expect(parseAdapterList('')).toEqual([]);
  });
});

describe('listAdapters', () => {
  it('names each adapter once, with its limits', async () => {
    const all = await listAdapters();
    expect(all.length).toBeGreaterThan(0);
    expect(new Set(all.map(({ backend, name }) => `${backend} ${name}`)).size).toBe(all.length);
    for (const { limits } of all) expect(limits.maxComputeInvocationsPerWorkgroup).toBeGreaterThanOrEqual(128);
  });
});

describe('adapterMatches', () => {
  it('goes by kind or by a part of the name', () => {
    expect(adapterMatches(card, 'hardware')).toBe(true);
    expect(adapterMatches(card, 'software')).toBe(false);
    expect(adapterMatches(card, 'h100')).toBe(true);
    expect(adapterMatches(card, 'llvmpipe')).toBe(false);
  });
});
