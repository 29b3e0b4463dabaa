import { mathFor } from './math/index.ts';

/** Pages of 64 KiB that memory may grow to: all that 32 bits address. */
export const MAX_PAGES = 65536;

/** One kernel of a program: which function, and how many pointers it takes. */
export interface Call {
  readonly kernel: number;
  readonly pointers: number;
}

/**
 * WebAssembly text of a program, over a memory that it is given: one function `k0`, `k1`, … for each distinct kernel, and
 * `program`, which runs all kernels in order.
 */
export function moduleText(kernels: readonly string[], used: ReadonlySet<string>, calls: readonly Call[]): string {
  const functions = kernels.map((code, i) => `(func $k${i} (export "k${i}") ${code}\n)`);
  return `(module
(import "ricci" "memory" (memory 1 ${MAX_PAGES} shared))
${mathFor(used)}
${functions.join('\n')}
${programText(calls)}
)
`;
}

/** `plan` is where, for each kernel, the number of its cells lies, and its pointers after it. */
function programText(calls: readonly Call[]): string {
  let words = 0;
  const next = (): string => `(i32.load offset=${4 * words++} (local.get $.plan))`;
  const lines = calls.map(({ kernel, pointers }) => {
    const cells = next();
    const given = Array.from({ length: pointers }, next).join(' ');
    return `  (call $k${kernel} (local.get $.sizes) (local.get $.scratch) ${given} (i32.const 0) ${cells})`;
  });
  const head = '(func $program (export "program") (param $.sizes i32) (param $.scratch i32) (param $.plan i32)';
  return [head, ...lines, ')'].join('\n');
}
