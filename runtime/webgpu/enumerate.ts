import { type AdapterSummary, summarize } from './adapter.ts';
import { browserGpu, webgpuInstance } from './instance.ts';

/** One line of Dawn's own list. */
export interface ListedAdapter {
  readonly backend: string;
  readonly name: string;
}

/** An adapter together with the handle that was used to describe it. */
export interface FoundAdapter {
  readonly adapter: GPUAdapter;
  readonly summary: AdapterSummary;
}

/** A name that no adapter has: WebGPU has no enumeration, but Dawn answers an unknown name with the known ones. */
const NO_SUCH_ADAPTER = 'ricci: list adapters';

/** Reads lines such as ` * backend: 'vulkan', name: 'llvmpipe'`; equal lines (two cards of one kind) are kept once. */
export function parseAdapterList(message: string): readonly ListedAdapter[] {
  const found = new Map<string, ListedAdapter>();
  for (const [line, backend, name] of message.matchAll(/^\s*\* backend: '([^']*)', name: '(.*)'\s*$/gm)) {
    if (backend !== undefined && name !== undefined) found.set(line.trim(), { backend, name });
  }
  return [...found.values()];
}

/** The adapters this machine has, best guess of the driver first; empty when there is none. */
export async function listAdapters(): Promise<readonly AdapterSummary[]> {
  return (await findAdapters()).map((found) => found.summary);
}

/** As `listAdapters`, with fresh handles: each can make one device. */
export async function findAdapters(): Promise<readonly FoundAdapter[]> {
  const own = browserGpu();
  return own === undefined ? findInDawn() : findInBrowser(own);
}

/** A browser shows at most one adapter per power preference. */
async function findInBrowser(gpu: GPU): Promise<readonly FoundAdapter[]> {
  const found = new Map<string, FoundAdapter>();
  for (const powerPreference of ['high-performance', 'low-power'] as const) {
    const adapter = await gpu.requestAdapter({ powerPreference });
    if (adapter === null) continue;
    const summary = summarize(adapter, 'browser');
    if (!found.has(summary.name)) found.set(summary.name, { adapter, summary });
  }
  return [...found.values()];
}

async function findInDawn(): Promise<readonly FoundAdapter[]> {
  const found: FoundAdapter[] = [];
  for (const { backend, name } of parseAdapterList(await dawnAdapterList())) {
    const gpu = await webgpuInstance([`backend=${backend}`, `adapter=${name}`]);
    const adapter = await gpu.requestAdapter().catch(() => null); // a driver that lists itself may still refuse
    if (adapter !== null) found.push({ adapter, summary: summarize(adapter, backend, name) });
  }
  return found;
}

async function dawnAdapterList(): Promise<string> {
  const gpu = await webgpuInstance([`adapter=${NO_SUCH_ADAPTER}`]);
  return gpu.requestAdapter().then(
    () => '',
    (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
  );
}
