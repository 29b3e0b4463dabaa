import { stage, type Staged, type StageOptions } from '../../compiler/passes/stage.ts';
import { axis, input, symbol, type AnyTensor, type Axis } from '../../dsl/index.ts';
import { topological } from '../../dsl/graph.ts';
import type { CacheNode, FreezeNode } from '../../dsl/node.ts';

/** A model as it is declared: what it returns for each position, with `cache` and `freeze` where it may be cut. */
export interface CachedModel {
  readonly output: AnyTensor;
  /** The axis of positions, which the output has; its size is a symbol. */
  readonly pos: Axis;
}

/** The programs that a model's declaration stands for. */
export interface StagedModel {
  readonly caches: readonly CacheNode[];
  /** Labels of what is frozen once the prompt is read. */
  readonly frozen: ReadonlySet<string>;
  /** A text at once, with what is frozen given. */
  readonly full: Staged;
  /** A prompt; it leaves rows of caches, and what is frozen. */
  readonly first: Staged;
  /** So many positions more. */
  step(positions: number): Staged;
}

/** The size of caches in a step, and the input that says where its row goes. */
export const ROWS_SO_FAR = 'rowsSoFar';
export const FIRST_NEW_ROW = 'firstNewRow';

const NOTHING: ReadonlySet<string> = new Set();

/** @throws `stage/label-twice` */
export function stagedModel({ output, pos }: CachedModel): StagedModel {
  const nodes = topological([output.node]);
  const caches = nodes.filter((n): n is CacheNode => n.kind === 'cache');
  const frozen = new Set(nodes.filter((n): n is FreezeNode => n.kind === 'freeze').map((n) => n.label));
  const staged = (options: StageOptions): Staged => stage([output.node], options);
  const keys = new Set(caches.map((c) => c.to.name));
  const most = typeof pos.size === 'number' ? pos.size : pos.size.max;
  const resize = (positions: number) => (a: Axis): Axis =>
    a.name === pos.name ? axis(a.name, positions) : keys.has(a.name) ? axis(a.name, symbol(ROWS_SO_FAR, most)) : a;
  return {
    caches, frozen,
    full: staged({ supplied: frozen, kept: NOTHING, caches: 'none' }),
    first: staged({ supplied: NOTHING, kept: frozen, caches: 'fill' }),
    step: (positions) => staged({
      supplied: frozen, kept: NOTHING, caches: 'append', rows: pos.name,
      start: input(FIRST_NEW_ROW, [], 'i32').node, resize: resize(positions),
    }),
  };
}
