import { RicciError } from '../../dsl/errors.ts';

/** Dawn rounds timestamps to some 0.1 ms, lest web pages spy on each other; here they measure kernels. */
const EXACT_TIMESTAMPS = 'disable-dawn-features=timestamp_quantization';

/** What Dawn takes when an instance is made (`backend=…`, `adapter=…`); meaningless in a browser. */
export type InstanceOptions = readonly string[];

/**
 * The key under which this process keeps its Dawn instances. Dawn crashes at garbage collection when the object that
 * made an adapter is dropped while anything made from it lives, and nothing tells when the last such thing is gone:
 * so instances are held for the life of the process. The holder sits on globalThis, not in this module, because a
 * process may load the module twice (built and from source, or in isolated test contexts) but has one Dawn.
 */
const HELD = Symbol.for('ricci.webgpu.instances');

interface InstanceHolder {
  [HELD]?: Map<string, GPU>;
}

interface WithNavigator {
  readonly navigator?: { readonly gpu?: GPU };
}

/** The browser's own WebGPU; undefined where there is none, as in Node (whose `navigator` has no `gpu`). */
export function browserGpu(): GPU | undefined {
  const scope: typeof globalThis & WithNavigator = globalThis;
  return scope.navigator?.gpu;
}

/**
 * The WebGPU entry point: `navigator.gpu` in a browser, else a Dawn instance from the package `webgpu`, loaded here and
 * not before, so that work without a GPU never pays for it. Equal options give the same instance.
 * @throws RicciError `device/no-webgpu` when the package is absent or has no binary for this platform.
 */
export async function webgpuInstance(options: InstanceOptions = []): Promise<GPU> {
  const own = browserGpu();
  if (own !== undefined) return own;
  const dawn = await loadDawn();
  const holder: typeof globalThis & InstanceHolder = globalThis;
  const held = (holder[HELD] ??= new Map());
  const key = options.join('\n');
  // No await from here on: two callers must not each make an instance under one key, which would drop the first.
  const gpu = held.get(key) ?? dawn.create([...options, EXACT_TIMESTAMPS]);
  held.set(key, gpu);
  return gpu;
}

/** Loads the native package and gives this process the constants that a browser has as globals (`GPUBufferUsage`). */
async function loadDawn(): Promise<typeof import('webgpu')> {
  try {
    const dawn = await import('webgpu');
    for (const [name, value] of Object.entries(dawn.globals)) {
      if (!(name in globalThis)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    }
    return dawn;
  } catch (cause) {
    throw new RicciError({
      code: 'device/no-webgpu',
      message: `The package "webgpu" could not be loaded on ${process.platform}-${process.arch}: ${reasonOf(cause)}`,
      hint: 'Run `npm ci` in the folder of your package, with a Node built for this machine.',
      cause,
    });
  }
}

/** The first line of what was thrown: native modules append long require stacks. */
export const reasonOf = (thrown: unknown): string =>
  (thrown instanceof Error ? thrown.message : String(thrown)).split('\n', 1)[0] ?? '';
