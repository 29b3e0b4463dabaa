import { axisNamed, maxOf, sameSize, type Axis, type Size } from '../../../dsl/axis.ts';
import type { Node } from '../../../dsl/node.ts';
import { makeParameter } from '../../../dsl/nodes/leaves.ts';
import { NOWHERE } from './ops.ts';

/** Values of more entries than this make the interpreter slow and find nothing that smaller ones do not. */
const MAX_ENTRIES = 4096;
const MAX_AXES = 4;

const entries = (axes: readonly Axis[]): number => axes.reduce((n, a) => n * maxOf(a.size), 1);

export const fits = (axes: readonly Axis[]): boolean => axes.length <= MAX_AXES && entries(axes) <= MAX_ENTRIES;

export const isFixed = (a: Axis): boolean => typeof a.size === 'number';

/** What a random graph is made of so far: its values, its axes, and names that are still free. */
export class Pool {
  readonly axes: readonly Axis[];
  readonly #nodes: Node[] = [];
  #names = 0;

  constructor(axes: readonly Axis[]) {
    this.axes = axes;
  }

  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  add(node: Node): void {
    this.#nodes.push(node);
  }

  /** A value that passes the test, counted from the last one made; undefined where there is none. */
  pick(n: number, test: (x: Node) => boolean = () => true): Node | undefined {
    const found = this.#nodes.filter(test);
    return found.length === 0 ? undefined : found[found.length - 1 - (n % found.length)];
  }

  /** A value whose axes can be joined with those of `x`. */
  pickWith(x: Node, n: number, test: (y: Node) => boolean = () => true): Node | undefined {
    return this.pick(n, (y) => agree(x, y) && fits(union(x, y)) && test(y));
  }

  freshName(stem: string): string {
    return `${stem}${this.#names++}`;
  }

  freshAxis(size: Size): Axis {
    return { name: this.freshName('axis'), size };
  }

  /** A weight of a name that no other has; undefined where an axis has no fixed size. */
  weight(axes: readonly Axis[]): Node | undefined {
    if (!axes.every(isFixed) || !fits(axes)) return undefined;
    return makeParameter(this.freshName('layer.w'), axes, 'f32', NOWHERE);
  }
}

export const agree = (x: Node, y: Node): boolean =>
  x.axes.every((a) => { const b = axisNamed(y.axes, a.name); return b === undefined || sameSize(a.size, b.size); });

export const union = (x: Node, y: Node): readonly Axis[] =>
  [...x.axes, ...y.axes.filter((a) => axisNamed(x.axes, a.name) === undefined)];

/** One of a list by a number of any size. */
export const at = <T>(xs: readonly T[], n: number): T | undefined => (xs.length === 0 ? undefined : xs[n % xs.length]);

