import { maxOf } from '../../dsl/axis.ts';
import { topological } from '../../dsl/graph.ts';
import type { Node, ParameterNode } from '../../dsl/node.ts';
import { bytesOf } from '../fuse/cost.ts';
import { isDerived } from '../passes/hoist.ts';
import { isScale, scaleName } from '../passes/narrow.ts';
import { weightRows } from '../passes/split.ts';
import { memoryStrides, type WeightLayout, type WeightPlace } from '../program.ts';
import { aligned } from './arena.ts';

/** Buffers larger than this are hard to allocate on some devices, and gain nothing. */
const BUFFER_BYTES = 1 << 28;

/**
 * Places weights in the order in which kernels read them, so that what one kernel reads lies side by side and takes one
 * binding. `groups` lists the weights of each kernel; a weight keeps its first place. `derived` says what those that a
 * load program makes are made of.
 */
export function layoutWeights(
  groups: readonly (readonly ParameterNode[])[], maxBufferBytes: number, derived: ReadonlyMap<string, Node> = new Map(),
): WeightLayout {
  const limit = Math.min(BUFFER_BYTES, maxBufferBytes);
  const weights: Record<string, WeightPlace> = {};
  const buffers: { name: string; bytes: number }[] = [];
  for (const group of groups) {
    const fresh = [...new Map(group.map((p) => [p.name, p])).values()].filter((p) => weights[p.name] === undefined);
    const total = fresh.reduce((n, p) => n + aligned(bytesOf(p)), 0);
    const last = buffers.at(-1);
    // A group that does not fit starts a buffer of its own: a binding never spans two.
    const current = last !== undefined && last.bytes + total <= limit
      ? last
      : { name: `weights${buffers.length}`, bytes: 0 };
    if (current !== last && fresh.length > 0) buffers.push(current);
    for (const p of fresh) {
      const bytes = bytesOf(p);
      weights[p.name] = {
        buffer: current.name,
        offset: current.bytes,
        bytes,
        ...(isDerived(p.name) || isScale(p.name) ? { derived: true as const } : {}),
        ...madeOf(derived.get(p.name)),
        ...rowsApart(p),
        ...keptAs(p),
      };
      current.bytes += aligned(bytes);
    }
  }
  return { buffers, weights };
}

function madeOf(value: Node | undefined): Pick<WeightPlace, 'madeOf'> {
  if (value === undefined) return {};
  const names = topological([value]).flatMap((n) => (n.kind === 'parameter' ? [weightRows(n.name).name] : []));
  return { madeOf: [...new Set(names)] };
}

/** What a loader must know of a weight whose rows are not as far apart as they are long. */
function rowsApart({ axes }: ParameterNode): Pick<WeightPlace, 'rows'> {
  const bounds = axes.map((a) => maxOf(a.size));
  const [entries, pitch] = [bounds.at(-1), memoryStrides(bounds).at(-2)];
  return entries === undefined || pitch === undefined || pitch === entries ? {} : { rows: { entries, pitch } };
}

/** What a loader must know of a weight that is not kept as f32. */
function keptAs({ name, storage, axes }: ParameterNode): Pick<WeightPlace, 'storage' | 'scales'> {
  if (storage === 'f32') return {};
  if (storage !== 'int8') return { storage };
  const { name: whole, rows } = weightRows(name);
  const inner = axes.slice(1, -1).reduce((n, a) => n * Number(a.size), 1);
  const row = Number(axes.at(-1)?.size ?? 1);
  return { storage, scales: { weight: scaleName(whole), first: (rows?.start ?? 0) * inner, row } };
}
