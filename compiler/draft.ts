import type { Node, ParameterNode } from '../dsl/node.ts';
import { makeFreeze } from '../dsl/nodes/staging.ts';
import { isLeaf, storageOf } from './fuse/cost.ts';
import { fuse } from './fuse/fuse.ts';
import type { Draft } from './fuse/siblings.ts';
import { kernelsOf } from './kernels.ts';
import { hoist } from './passes/hoist.ts';
import { factorsFor, narrow, type StorageOf } from './passes/narrow.ts';
import { simplify } from './passes/simplify.ts';
import { splitWeights } from './passes/split.ts';
import { updatedWeights, type Overwrites, type Updates } from './passes/updates.ts';
import { verify } from './passes/verify.ts';
import type { Target } from './target.ts';

/** A program to be compiled: what it returns, what it leaves in states, and what it makes of weights. */
export interface ProgramSource {
  readonly name: string;
  readonly outputs: Readonly<Record<string, Node>>;
  readonly states?: ReadonlyMap<string, Node>;
  /**
   * Weights that it replaces, by name: when it has run, the weight holds the value, which has the weight's own axes in
   * their order. The value is written into the weight's place; all that the program computes is made of old weights.
   */
  readonly updates?: Updates;
  /**
   * Bytes that the values inside of the program are wished to take (`Program.arenaBytes`): where they would take more,
   * some are computed again before late uses. If that does not suffice, they take as little as was found.
   */
  readonly memory?: number;
}

/** Hears of the steps of compiling, each when it is done; a program's are done several times. */
export type Watch = (done: 'passes' | 'fuse' | 'lower' | 'emit') => void;

/** A program as kernels without places in memory. */
export interface Drafted {
  readonly source: ProgramSource;
  readonly outputs: readonly (readonly [string, Node])[];
  readonly states: readonly (readonly [string, Node])[];
  readonly nodes: ReadonlyMap<string, Node>;
  readonly kernels: readonly Draft[];
  /** Weights that a load program must make, by parameter name. */
  readonly derived: ReadonlyMap<string, Node>;
  /** Values that lie in the places of weights. */
  readonly overwrites: Overwrites;
}

/**
 * verify → narrow → split → simplify → hoist → fuse → order → recompute → lower → join updates → merge siblings.
 * @param changing names of weights that programs update, besides those that this one does
 */
export function draft(
  source: ProgramSource,
  target: Target,
  mayDerive: (weight: string) => boolean = () => false,
  storage: StorageOf = () => undefined,
  watch: Watch = () => undefined,
  changing: ReadonlySet<string> = new Set(source.updates?.keys()),
): Drafted {
  const { outputs, states, updates } = rootsOf(source);
  const roots = verify([...outputs, ...states, ...updates].map(([, node]) => node));
  const weights = updatedWeights(new Map(updates), roots, storage, target.bindingBytes);
  const narrowed = narrow(roots, storage, factorsFor(target.profile));
  const given = simplify(splitWeights(narrowed, target.bindingBytes));
  const { roots: staged, derived } = hoist(given, mayDerive, changing);
  const { simple, changes } = owned(staged, outputs.length, states.map(([label]) => label), weights);
  watch('passes');
  const { cells, chains } = target.profile;
  const fused = fuse(simple, {
    maxBuffers: target.storageBuffers, vectors: cells === 'vectors', repeatRows: cells === 'lanes', chains,
  });
  watch('fuse');
  const kept = new Set(simple.slice(0, outputs.length + states.length).map((n) => n.key));
  const made = kernelsOf(fused, { roots: simple, kept, changes, memory: source.memory, target });
  watch('lower');
  return {
    source,
    outputs: outputs.map(([name], i) => [name, simple[i]]),
    states: states.map(([label], i) => [label, simple[outputs.length + i]]),
    derived, ...made,
  };
}

type Named = readonly (readonly [string, Node])[];

/** All that a program computes, by name. A weight that stays as it is is no update. */
function rootsOf({ outputs, states = new Map(), updates = new Map() }: ProgramSource): {
  readonly outputs: Named; readonly states: Named; readonly updates: Named;
} {
  const changed = [...updates].filter(([name, node]) => node.kind !== 'parameter' || node.name !== name);
  return { outputs: Object.entries(outputs), states: [...states], updates: changed };
}

/**
 * Gives every result a value of its own to lie in: what is returned or kept as it was given is copied, and so is a
 * value that two states or weights keep. (`freeze` is the identity that no pass removes.)
 * @param roots outputs, then states, then what is to replace weights
 * @returns the same, and the weight that each value is to replace, by the value's key
 */
function owned(
  roots: readonly Node[], outputs: number, states: readonly string[], weights: readonly ParameterNode[],
): { readonly simple: readonly Node[]; readonly changes: Overwrites } {
  const labels = [...states, ...weights.map((w) => `update:${w.name}`)];
  const kept = new Set<string>();
  const simple = roots.map((node, i) => {
    const isOutput = i < outputs;
    const hasPlace = isLeaf(node) || kept.has(node.key) || (i >= outputs + states.length && !liesAnywhere(node));
    if (!isOutput) kept.add(node.key);
    return hasPlace ? makeFreeze(node, isOutput ? '' : labels[i - outputs], node.origin) : node;
  });
  return { simple, changes: new Map(weights.map((w, i) => [simple[outputs + states.length + i].key, w])) };
}

/** Whether a value may lie in any place: rows that are appended lie with those before, and some integers are short. */
const liesAnywhere = (node: Node): boolean => node.kind !== 'append' && storageOf(node) === 'f32';
