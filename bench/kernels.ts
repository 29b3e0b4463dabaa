// Times single kernels on the CPU device, after comparing each with the same sums in double precision:
//   npx tsx bench/kernels.ts [--threads 1,2] [--seconds 1]
import { parseArgs } from 'node:util';
import { compile, CPU_TARGET, encode } from '../compiler/index.ts';
import { axis, dot, exp, parameter, softmax, type AnyTensor } from '../dsl/index.ts';
import { BufferSet, openCpu, readValue, type Device } from '../runtime/index.ts';
import { spread } from './statistics.ts';

interface Case {
  readonly name: string;
  readonly out: AnyTensor;
  readonly flops: number;
  readonly bytes: number;
  /** Entry `i` of the result in double precision, where it is a sum that is worth its own line. */
  readonly entry?: (weight: (name: string, i: number) => number, i: number) => number;
}

function matvec(n: number): Case {
  const [from, to] = [axis('from', n), axis('to', n)];
  return {
    name: `matvec ${n}²`,
    out: dot(parameter('x', [from]), parameter('w', [to, from]), from), flops: 2 * n * n, bytes: 4 * n * n,
    entry: (at, i) => sumOf(n, (k) => at('x', k) * at('w', i * n + k)),
  };
}

function matmul(n: number): Case {
  const [from, to, row] = [axis('from', n), axis('to', n), axis('row', n)];
  return {
    name: `matmul ${n}³`,
    out: dot(parameter('x', [row, from]), parameter('w', [to, from]), from), flops: 2 * n ** 3, bytes: 12 * n * n,
    entry: (at, i) => sumOf(n, (k) => at('x', Math.floor(i / n) * n + k) * at('w', (i % n) * n + k)),
  };
}

function rowwise(): readonly Case[] {
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

async function time(device: Device, c: Case, seconds: number): Promise<string> {
  const { programs, layout } = compile([{ name: c.name, outputs: { out: c.out.node } }], CPU_TARGET);
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
  const rate = c.flops > 4 * c.bytes ? times.map((t) => c.flops / t / 1e6) : times.map((t) => c.bytes / t / 1e6);
  return `${c.name.padEnd(22)} ${spread(rate, 1).padEnd(24)} ${c.flops > 4 * c.bytes ? 'GFLOP/s' : 'GB/s'}`;
}

/** Some entries, spread over the result. @throws Error where one is wrong: nothing is timed then */
function check(c: Case, got: ArrayLike<number>, weight: (name: string, i: number) => number): void {
  for (let i = 0; c.entry !== undefined && i < got.length; i += Math.ceil(got.length / 97)) {
    const expected = c.entry(weight, i);
    if (Math.abs(got[i] - expected) <= 1e-4 * Math.max(1, Math.abs(expected))) continue;
    throw new Error(`${c.name}: entry ${i} is ${got[i]} and should be ${expected}.`);
  }
}

const { values } = parseArgs({ options: {
  threads: { type: 'string', default: '1,2' }, seconds: { type: 'string', default: '1' },
} });
for (const threads of values.threads.split(',').map(Number)) {
  const device = await openCpu({ threads });
  console.log(`${device.name}; median (min … max)`);
  for (const c of [matvec(4096), matmul(512), matmul(1024), ...rowwise()]) {
    console.log(`  ${await time(device, c, Number(values.seconds))}`);
  }
  device.close();
}
