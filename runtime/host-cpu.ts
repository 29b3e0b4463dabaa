/** The processor that the device `cpu` computes on. */
export interface CpuSummary {
  /** The processor's own name; `CPU` where the machine does not tell. */
  readonly name: string;
  readonly kind: 'cpu';
  /** Whether WebAssembly has vectors here, without which the device runs nothing. */
  readonly simd: boolean;
  /** Threads that the machine runs at once. */
  readonly threads: number;
}

/** A module whose one function returns a vector of zeros. */
const VECTOR_MODULE = Uint8Array.of(
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, // magic, version 1
  0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b, // type 0: () → v128
  0x03, 0x02, 0x01, 0x00, // one function, of type 0
  0x0a, 0x16, 0x01, 0x14, 0x00, // its code, without locals
  0xfd, 0x0c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // v128.const 0
  0x0b,
);

/** Describes the processor, without opening a device. */
export async function describeCpu(): Promise<CpuSummary> {
  const simd = await WebAssembly.instantiate(VECTOR_MODULE, {}).then(() => true, () => false);
  if (typeof process === 'undefined') return { name: 'CPU', kind: 'cpu', simd, threads: 1 };
  const { availableParallelism, cpus } = await import('node:os');
  const name = cpus().at(0)?.model.trim() ?? '';
  return { name: name === '' ? 'CPU' : name, kind: 'cpu', simd, threads: availableParallelism() };
}
