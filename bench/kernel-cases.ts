import { compile, encode } from '../compiler/index.ts';
import { axis, dot, exp, parameter, softmax, type AnyTensor } from '../dsl/index.ts';
import { targetOf } from '../models/pldr/target.ts';
import { BufferSet, readValue, type Device } from '../runtime/index.ts';

/** A kernel that is timed, after its result was compared with sums in double precision. */
export interface Case {
  readonly name: string;
  readonly out: AnyTensor;
  readonly flops: number;
  readonly bytes: number;
  /** Entry `i` of the result in double precision, where it is a sum that is worth its own line. */
  readonly entry?: (weight: (name: string, i: number) => number, i: number) => number;
}

/** One row times a square matrix whose rows are read one after the other. */
export function matvec(n: number): Case {
  const [from, to] = [axis('from', n), axis('to', n)];
  return {
    name: `matvec ${n}²`,
    out: dot(parameter('x', [from]), parameter('w', [to, from]), from), flops: 2 * n * n, bytes: 4 * n * n,
    entry: (at, i) => sumOf(n, (k) => at('x', k) * at('w', i * n + k)),
  };
}

/** A product of square matrices. */
export function matmul(n: number): Case {
  const [from, to, row] = [axis('from', n), axis('to', n), axis('row', n)];
  return {
    name: `matmul ${n}³`,
    out: dot(parameter('x', [row, from]), parameter('w', [to, from]), from), flops: 2 * n ** 3, bytes: 12 * n * n,
    entry: (at, i) => sumOf(n, (k) => at('x', Math.floor(i / n) * n + k) * at('w', (i % n) * n + k)),
  };
}

export function rowwise(): readonly Case[] {
  const [row, key] = [axis('row', 1024), axis('key', 1024)];
  const x = parameter('x', [row, key]);
  return [
    { name: 'exp 1024²', out: exp(x), flops: 0, bytes: 8 << 20, entry: (at, i) => Math.exp(at('x', i)) },
    { name: 'softmax 1024 × 1024', out: softmax(x, key), flops: 0, bytes: 8 << 20 },
  ];
}

const sumOf = (n: number, term: (k: number) => number): number => {
  let total = 0;
  for (let k = 0; k < n; k++) total += term(k);
  return total;
};

/** The same numbers between −0.5 and 0.5 on every machine. */
const numbers = (count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => ((i * 7919) % 997) / 997 - 0.5);

/** Whether a kernel is limited by arithmetic and not by memory. */
export const computes = ({ flops, bytes }: Case): boolean => flops > 4 * bytes;

/** GFLOP/s of a kernel that computes, GB/s of others, for as many runs as fit. @throws Error where a sum is wrong */
export async function rates(device: Device, c: Case, seconds: number): Promise<readonly number[]> {
  const { programs, layout } = compile([{ name: c.name, outputs: { out: c.out.node } }], targetOf(device));
  const program = encode(programs[0]);
  const buffers = new BufferSet(device);
  const weights = new Map<string, Float32Array>();
  for (const b of layout.buffers) buffers.ensure(`weights:${b.name}`, b.bytes);
  for (const [name, place] of Object.entries(layout.weights)) {
    const data = numbers(place.bytes / 4);
    weights.set(name, data);
    device.write(buffers.get(`weights:${place.buffer}`), place.offset, data);
  }
  const executable = await device.open(program, buffers);
  const run = (): void => device.submit((commands) => commands.run(executable, {}));
  run();
  check(c, await readValue(device, buffers, program.outputs['out'], {}), (name, i) => weights.get(name)?.[i] ?? Number.NaN);
  for (const until = performance.now() + 200 * seconds; performance.now() < until;) run(); // V8 compiles it again
  const times: number[] = [];
  for (const until = performance.now() + 1000 * seconds; performance.now() < until;) {
    const started = performance.now();
    run();
    times.push(performance.now() - started);
  }
  executable.destroy();
  buffers.destroy();
  return times.map((t) => (computes(c) ? c.flops : c.bytes) / t / 1e6);
}

/** Some entries, spread over the result. @throws Error where one is wrong: nothing is timed then */
function check(c: Case, got: ArrayLike<number>, weight: (name: string, i: number) => number): void {
  for (let i = 0; c.entry !== undefined && i < got.length; i += Math.ceil(got.length / 97)) {
    const expected = c.entry(weight, i);
    if (Math.abs(got[i] - expected) <= 1e-4 * Math.max(1, Math.abs(expected))) continue;
    throw new Error(`${c.name}: entry ${i} is ${got[i]} and should be ${expected}.`);
  }
}
