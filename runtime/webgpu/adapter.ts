/** An adapter in plain data, as `devices` and `doctor` show it and as schedules are chosen by it. */
export interface AdapterSummary {
  readonly name: string;
  readonly vendor: string;
  readonly architecture: string;
  /** The driver's own description; may be empty. */
  readonly driver: string;
  /** `vulkan`, `metal`, `d3d12`, … or `browser`. */
  readonly backend: string;
  /** True when the "GPU" is a CPU: lavapipe, SwiftShader, WARP. */
  readonly software: boolean;
  readonly features: readonly string[];
  /** Every limit of WebGPU by its name: counts, bytes and alignments in bytes. */
  readonly limits: Readonly<Record<string, number>>;
  /** Lanes per subgroup; absent where the adapter has no subgroups. */
  readonly subgroupSize?: { readonly min: number; readonly max: number };
}

/** Names of renderers that run on the CPU, for adapters that do not say so by `isFallbackAdapter`. */
const SOFTWARE = /llvmpipe|lavapipe|swiftshader|basic render|\bwarp\b/i;

/** Reads an adapter; `listed` is its full name where an enumeration gave one (WebGPU itself shows a tidied form). */
export function summarize(adapter: GPUAdapter, backend: string, listed?: string): AdapterSummary {
  const info = adapter.info;
  const name = listed ?? (info.device || info.description || info.architecture || info.vendor || 'unnamed adapter');
  const { subgroupMinSize: min, subgroupMaxSize: max } = info;
  const subgroups = adapter.features.has('subgroups') && min !== undefined && max !== undefined;
  return {
    name,
    vendor: info.vendor,
    architecture: info.architecture,
    driver: info.description,
    backend,
    software: info.isFallbackAdapter || SOFTWARE.test(`${name} ${info.description}`),
    features: [...adapter.features].sort(),
    limits: limitsOf(adapter.limits),
    ...(subgroups ? { subgroupSize: { min, max } } : {}),
  };
}

/** Limits are getters of a prototype, so they are walked by `in` and copied. */
export function limitsOf(limits: GPUSupportedLimits): Record<string, number> {
  const copied: Record<string, number> = {};
  for (const name in limits) {
    const value: unknown = Reflect.get(limits, name);
    if (typeof value === 'number') copied[name] = value;
  }
  return copied;
}
