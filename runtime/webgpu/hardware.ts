import { openFound } from './device.ts';
import { summarize } from './adapter.ts';
import { defaultBackend } from './backend.ts';
import { findAdapters, type FoundAdapter } from './enumerate.ts';
import { browserGpu, webgpuInstance } from './instance.ts';
import type { WebGpuDevice } from './webgpu-device.ts';

/**
 * Opens a real GPU; undefined where there is none, where none makes a device, or where WebGPU itself is missing or
 * broken. An adapter that is a CPU in truth is never opened.
 * @param worthLooking whether to load WebGPU at all
 */
export async function openHardware(worthLooking = mayHaveHardware): Promise<WebGpuDevice | undefined> {
  if (!(await worthLooking())) return undefined;
  try {
    const found = await findHardware();
    return found === undefined ? undefined : await openFound(found);
  } catch {
    return undefined; // whoever needs to know why asks for WebGPU itself, which says so
  }
}

/** The first adapter is almost always the answer; all of them are asked only where it is a software one. */
export async function findHardware(): Promise<FoundAdapter | undefined> {
  const gpu = await webgpuInstance();
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) return undefined;
  const summary = summarize(adapter, defaultBackend());
  if (!summary.software) return { adapter, summary };
  return (await findAdapters()).find((found) => !found.summary.software);
}

/** Folders and beginnings of the names that Linux gives to what a GPU's driver talks to. */
const DEVICE_NODES: readonly (readonly [folder: string, name: RegExp])[] = [
  ['/dev/dri', /^(card|renderD)\d/],
  ['/dev', /^(nvidia(ctl|\d)|dxg|kfd|kgsl|mali|pvr)/],
];

/**
 * Whether looking for a GPU can be of any use. On Linux a GPU without a device node is none that a process can reach,
 * and looking into two folders is quicker than loading Dawn, a Vulkan loader and whatever drivers it knows.
 */
export async function mayHaveHardware(): Promise<boolean> {
  if (browserGpu() !== undefined || process.platform !== 'linux') return true;
  const { readdir } = await import('node:fs/promises');
  const found = await Promise.all(DEVICE_NODES.map(async ([folder, name]) => {
    const names = await readdir(folder).catch((): readonly string[] => []);
    return names.some((n) => name.test(n));
  }));
  return found.includes(true);
}
