import { compileKind } from '../../compiler/compile-kind.ts';
import type { Target } from '../../compiler/target.ts';
import { encodeAll } from '../../compiler/encode.ts';
import type { Kind } from '../../compiler/fuse/kind.ts';
import { storageOf } from '../../compiler/fuse/cost.ts';
import type { Dense, Sizes } from '../../compiler/interpret/dense.ts';
import { interpret } from '../../compiler/interpret/interpret.ts';
import type { Schedule } from '../../compiler/loop/schedule.ts';
import { LARGEST } from '../../compiler/program.ts';
import { topological } from '../../dsl/graph.ts';
import { RicciError } from '../../dsl/errors.ts';
import type { InputNode, Node } from '../../dsl/node.ts';
import { bufferKey, BufferSet, ensureBuffers } from '../../runtime/buffers.ts';
import type { Device } from '../../runtime/device.ts';
import { runOnce } from '../../runtime/run-once.ts';
import { uploadWeights } from '../../runtime/weights.ts';
import { denseOf, imageOf } from './tensor-image.ts';

/** Lengths of symbolic sizes: none divides by what tiles and chunks have. */
const LENGTHS = [67, 37, 13, 5];
/** Operations that the interpreter may take where smaller sizes mean fewer. */
const MOST_WORK = 2e7;
/** Above this, the interpreter would take many seconds, and gigabytes. */
const MOST_INTERPRETED = 8e7;
/** As many times as `verify` allows: what rounding every value once does, for kernels round once for each term. */
const ROUNDINGS = 10;
/** Of the largest number of a result: what is allowed where rounding every value once changes nothing. */
const LEAST = 1e-5;

/** One kernel with made-up inputs: at small sizes, and at the kernel's own where they are fixed. */
export class KernelCheck {
  readonly #device: Device;
  readonly #kind: Kind;
  readonly #target: Target;
  readonly #sizes: Sizes;
  readonly #inputs: ReadonlyMap<string, { readonly node: InputNode; readonly dense: Dense }>;
  readonly #buffers: BufferSet;
  #expected: { readonly data: Float64Array; readonly tolerance: number } | undefined;

  constructor(device: Device, kind: Kind, target: Target) {
    this.#device = device;
    this.#kind = kind;
    this.#target = target;
    this.#sizes = smallSizes(kind);
    const nodes = topological([kind.root]).filter((n): n is InputNode => n.kind === 'input');
    this.#inputs = new Map(nodes.map((node, i) => [node.name, { node, dense: madeUp(node, i, this.#sizes) }]));
    this.#buffers = new BufferSet(device);
  }

  /**
   * Compiles the kernel by a schedule, runs it and compares every number with the interpreter's; where that would take
   * too long, with those by the device's own schedule.
   * @returns what is wrong, in words; undefined where it is right
   */
  async problem(own: Partial<Schedule>): Promise<string | undefined> {
    try {
      this.#expected ??= await this.#right();
      const { data, tolerance } = this.#expected;
      const got = await this.#run(own);
      const at = data.findIndex((exact, i) => !isNear(got[i], exact, tolerance));
      return at < 0 ? undefined : `entry ${at} is ${got[at]} and should be ${data[at]}`;
    } catch (thrown) {
      this.#device.takeErrors();
      if (thrown instanceof RicciError) return thrown.message;
      throw thrown;
    }
  }

  async #right(): Promise<{ readonly data: Float64Array; readonly tolerance: number }> {
    const { root } = this.#kind;
    const integer = storageOf(root) === 'int16' ? 1 : 0;
    if (workAt(this.#kind, this.#sizes) > MOST_INTERPRETED) {
      const data = await this.#run({});
      return { data, tolerance: toleranceOf(data, data) + integer };
    }
    const inputs = Object.fromEntries([...this.#inputs].map(([name, { dense }]) => [name, dense]));
    const env = { inputs, sizes: this.#sizes };
    const [[{ data }], [rounded]] = [interpret([root], env), interpret([root], env, Math.fround)];
    return { data, tolerance: toleranceOf(data, rounded.data) + integer };
  }

  async #run(own: Partial<Schedule>): Promise<Float64Array> {
    const { root } = this.#kind;
    const schedules = { ...this.#target.schedules, [root.key]: own };
    const { programs: [program], layout } = encodeAll(compileKind(this.#kind, { ...this.#target, schedules }));
    await uploadWeights(this.#device, this.#buffers, layout, (name, from, target) => {
      target.set(this.#input(name).dense.data.subarray(from, from + target.length));
      return Promise.resolve();
    });
    ensureBuffers(program, this.#buffers);
    for (const [name, { region }] of Object.entries(program.inputs)) {
      const { node, dense } = this.#input(name);
      this.#device.write(this.#buffers.get(bufferKey(region)), region.offset, imageOf(node, dense));
    }
    const { region } = program.outputs['out'];
    const out = this.#buffers.get(bufferKey(region));
    this.#device.write(out, region.offset, this.#before());
    await runOnce(this.#device, program, this.#buffers, this.#sizes);
    const bytes = await this.#device.read(out, [{ offset: region.offset, bytes: region.bytes }]);
    const [error] = this.#device.takeErrors();
    if (error !== undefined) throw error;
    return denseOf(root, bytes, this.#sizes).data;
  }

  close(): void {
    this.#buffers.destroy();
  }

  #input(name: string): { readonly node: InputNode; readonly dense: Dense } {
    const input = this.#inputs.get(name);
    if (input === undefined) throw new Error(`tune: no input ${name}`);
    return input;
  }

  /** What lies where the result will: the rows so far, where rows are appended; else what no kernel makes. */
  #before(): Uint32Array<ArrayBuffer> {
    const { root } = this.#kind;
    if (root.kind === 'append' && root.state.kind === 'input') return imageOf(root, this.#input(root.state.name).dense);
    const sizes = shapeAt(root, this.#sizes);
    const data = new Float64Array(sizes.reduce((n, s) => n * s, 1)).fill(-77);
    return imageOf(root, { names: root.axes.map((a) => a.name), sizes, data });
  }
}

/** What is no number, or no finite one, is left to the interpreter's own laws. */
const isNear = (got: number, exact: number, tolerance: number): boolean =>
  !Number.isFinite(exact) || Math.abs(got - exact) <= tolerance;

function toleranceOf(exact: Float64Array, rounded: Float64Array): number {
  let [moved, largest] = [0, 0];
  exact.forEach((x, i) => {
    if (!Number.isFinite(x)) return;
    moved = Math.max(moved, Math.abs(rounded[i] - x));
    largest = Math.max(largest, Math.abs(x));
  });
  return ROUNDINGS * moved + LEAST * largest;
}

/** Different lengths for different symbols, as large as the interpreter has time for. */
function smallSizes(kind: Kind): Sizes {
  const all = LENGTHS.map((length): Sizes =>
    Object.fromEntries([...boundsOf(kind)].map(([name, max], i) => [name, Math.min(max, length - 2 * i)])));
  return all.find((sizes) => workAt(kind, sizes) <= MOST_WORK) ?? all[all.length - 1];
}

/** About how many operations a kernel takes. */
const workAt = (kind: Kind, sizes: Sizes): number =>
  [...boundsOf(kind)].reduce((work, [name, max]) => (work * sizes[name]) / max, kind.work);

/** The largest value of each symbolic size. */
function boundsOf(kind: Kind): ReadonlyMap<string, number> {
  const most = new Map<string, number>();
  for (const n of topological([kind.root])) {
    const over = n.kind === 'reduce' || n.kind === 'dot' ? [n.over] : [];
    for (const { size } of [...n.axes, ...over]) if (typeof size !== 'number') most.set(size.symbol, size.max);
  }
  return most;
}

const shapeAt = (node: Node, sizes: Sizes): readonly number[] =>
  node.axes.map((a) => (typeof a.size === 'number' ? a.size : sizes[a.size.symbol]));

/** Positive numbers, so that no sum cancels and every power is a number; as an input of its storage can hold them. */
function madeUp(node: InputNode, seed: number, sizes: Sizes): Dense {
  const own = shapeAt(node, sizes);
  const data = new Float64Array(own.reduce((n, s) => n * s, 1));
  let state = (seed + 1) * 2654435761;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = numberFor(node, state / 2 ** 32);
  }
  return { names: node.axes.map((a) => a.name), sizes: own, data };
}

function numberFor({ dtype, storage }: InputNode, random: number): number {
  if (dtype === 'i32') return Math.floor(3 * random);
  switch (storage) {
    case 'f32': return Math.fround(0.05 + random);
    case 'bf16': case 'f16': return (1 + Math.floor(127 * random)) / 128;
    case 'int8': case 'int16': return Math.ceil(LARGEST[storage] * random);
  }
}
