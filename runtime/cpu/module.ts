import type { Program } from '../../compiler/program.ts';

/** The functions of a program over one memory. */
export async function instantiate(program: Program, memory: WebAssembly.Memory): Promise<WebAssembly.Instance> {
  const bytes = Uint8Array.from(atob(program.modules[0]), (c) => c.charCodeAt(0));
  const { instance } = await WebAssembly.instantiate(bytes, { ricci: { memory } });
  return instance;
}

/** Function `k0`, `k1`, … of a module. */
export function kernelOf(instance: WebAssembly.Instance, number: number): (...args: readonly number[]) => void {
  const found = instance.exports[`k${number}`];
  if (typeof found !== 'function') throw new Error(`cpu: the module has no function k${number}`);
  return (...args) => {
    found(...args);
  };
}
