import { mathFor } from './math/index.ts';

/** Pages of 64 KiB that memory may grow to: all that 32 bits address. */
export const MAX_PAGES = 65536;

/** WebAssembly text of a program: one function `k0`, `k1`, … for each distinct kernel, over a memory that it is given. */
export function moduleText(kernels: readonly string[], used: ReadonlySet<string>): string {
  const functions = kernels.map((code, i) => `(func $k${i} (export "k${i}") ${code}\n)`);
  return `(module
(import "ricci" "memory" (memory 1 ${MAX_PAGES} shared))
${mathFor(used)}
${functions.join('\n')}
)
`;
}
