import { RicciError } from '../../dsl/errors.ts';
import { type AdapterSummary, limitsOf, summarize } from './adapter.ts';
import { defaultBackend } from './backend.ts';
import { type FoundAdapter, findAdapters } from './enumerate.ts';
import { browserGpu, reasonOf, webgpuInstance } from './instance.ts';
import { WebGpuDevice } from './webgpu-device.ts';

export type { AdapterSummary } from './adapter.ts';
export type { WebGpuDevice } from './webgpu-device.ts';
export { listAdapters } from './enumerate.ts';

export interface DeviceOptions {
  /** `software`, `hardware`, or a part of the adapter's name in any case. */
  readonly adapter?: string;
  /** Which of several GPUs to prefer when no adapter is named; `high-performance` by default. */
  readonly powerPreference?: 'high-performance' | 'low-power';
}

/** Optional features of WebGPU that kernels make use of where they exist. */
const WANTED_FEATURES: readonly GPUFeatureName[] = ['subgroups', 'timestamp-query', 'shader-f16'];

/**
 * Opens a device with the adapter's own limits (WebGPU's defaults would give 8 storage buffers and 256 invocations) and
 * with the features subgroups, timestamp-query and shader-f16 where the adapter has them.
 * @throws RicciError `device/no-adapter` when no adapter is found or none fits `options.adapter`,
 * `device/refused` when the driver makes no device, `device/no-webgpu` when WebGPU itself is missing.
 */
export async function openDevice(options: DeviceOptions = {}): Promise<WebGpuDevice> {
  return openFound(await chooseAdapter(options));
}

/** Opens a device of an adapter that was found. @throws RicciError `device/refused` */
export async function openFound({ adapter, summary }: FoundAdapter): Promise<WebGpuDevice> {
  const { wgslLanguageFeatures } = await webgpuInstance();
  return new WebGpuDevice(await requestDevice(adapter, summary), summary, wgslLanguageFeatures);
}

async function chooseAdapter(options: DeviceOptions): Promise<FoundAdapter> {
  if (options.adapter !== undefined) return adapterByName(options.adapter);
  const gpu = await webgpuInstance();
  const adapter = await gpu.requestAdapter({ powerPreference: options.powerPreference ?? 'high-performance' });
  if (adapter === null) throw noAdapter();
  return { adapter, summary: summarize(adapter, defaultBackend()) };
}

async function adapterByName(wanted: string): Promise<FoundAdapter> {
  const all = await findAdapters();
  if (all.length === 0) throw noAdapter();
  const chosen = all.find(({ summary }) => adapterMatches(summary, wanted));
  if (chosen !== undefined) return chosen;
  throw new RicciError({
    code: 'device/no-adapter',
    message: `No adapter fits "${wanted}"; this machine has: ${all.map((a) => a.summary.name).join(', ')}.`,
    hint: 'Name one of them (a part of the name is enough), or leave the adapter out.',
  });
}

/** Whether an adapter is meant by `software`, `hardware` or a part of its name in any case. */
export function adapterMatches(summary: AdapterSummary, wanted: string): boolean {
  if (wanted === 'software') return summary.software;
  if (wanted === 'hardware') return !summary.software;
  return summary.name.toLowerCase().includes(wanted.toLowerCase());
}

async function requestDevice(adapter: GPUAdapter, summary: AdapterSummary): Promise<GPUDevice> {
  try {
    return await adapter.requestDevice({
      requiredFeatures: WANTED_FEATURES.filter((feature) => adapter.features.has(feature)),
      requiredLimits: limitsOf(adapter.limits),
    });
  } catch (cause) {
    throw new RicciError({
      code: 'device/refused',
      message: `The adapter "${summary.name}" made no device: ${reasonOf(cause)}`,
      hint: 'Update its driver, or choose another adapter (`ricci devices` lists them).',
      cause,
    });
  }
}

/** No adapter at all; its hint is the one step that gives this platform an adapter. */
export function noAdapter(): RicciError {
  return new RicciError({
    code: 'device/no-adapter',
    message: 'No WebGPU adapter was found on this machine.',
    hint: adapterFix(),
  });
}

/** The one exact step that gives this platform a WebGPU adapter. */
export function adapterFix(): string {
  if (browserGpu() !== undefined)
    return 'Turn on hardware acceleration in the browser, or use one that supports WebGPU.';
  if (process.platform !== 'linux') return 'Install the current driver of your graphics card.';
  return (
    'Use the device cpu, which needs no driver; or run `npm run setup` in the folder of Ricci, which fetches a ' +
    'software Vulkan driver without root.'
  );
}
