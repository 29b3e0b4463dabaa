import type { Node } from '../dsl/node.ts';
import { gridPart, type Placement } from './assemble.ts';
import { costOf } from './cost.ts';
import { kernelText, pointerName } from './emit/wasm/kernel.ts';
import type { Slot } from './emit/wasm/locals.ts';
import { moduleText, type Call } from './emit/wasm/module.ts';
import { storageOf } from './fuse/cost.ts';
import type { Computation } from './fuse/fuse.ts';
import type { Draft } from './fuse/siblings.ts';
import type { Profile } from './loop/schedule.ts';
import type { Binding, Kernel, ProgramSize } from './program.ts';

export interface Assembled {
  readonly modules: readonly string[];
  readonly kernels: readonly Kernel[];
  /** Memory that each thread wants for itself. */
  readonly scratchBytes: number;
}

/** One module for a whole program: a function for each distinct kernel, which is given a pointer for each value. */
export function assembleWasm(
  drafts: readonly Draft[], placement: Placement, sizes: readonly ProgramSize[], { fused }: Pick<Profile, 'fused'>,
): Assembled {
  const functions = new Functions(sizes, fused);
  const kernels = drafts.map((draft): Kernel => {
    const bindings = bindingsOf(draft, placement);
    return {
      name: draft.nests[0].name, place: draft.computations[0].root.origin.place,
      module: functions.numberOf(draft, [...bindings.keys()], placement),
      bindings: [...bindings.values()], parts: draft.nests.map((n) => gridPart(n, 1)),
      cost: costOf(draft, placement.nodes),
    };
  });
  const calls = kernels.map((k): Call => ({ kernel: k.module, pointers: k.bindings.length }));
  return { modules: [functions.module(calls)], kernels, scratchBytes: functions.scratchBytes };
}

/** The functions of a module: kernels of one kind, and kernels of equal code, share one. */
class Functions {
  readonly #sizes: readonly ProgramSize[];
  readonly #fused: boolean;
  readonly #used = new Set<string>();
  /** By kind and by code. */
  readonly #known = new Map<string, number>();
  readonly #codes = new Map<string, number>();
  #scratchBytes = 0;

  constructor(sizes: readonly ProgramSize[], fused: boolean) {
    this.#sizes = sizes;
    this.#fused = fused;
  }

  get scratchBytes(): number {
    return this.#scratchBytes;
  }

  numberOf(draft: Draft, pointers: readonly string[], placement: Placement): number {
    const kind = draft.computations.map((c) => kindOver(c, pointers)).join(';');
    const known = this.#known.get(kind) ?? this.#emit(draft, pointers, placement);
    this.#known.set(kind, known);
    return known;
  }

  #emit({ nests }: Draft, pointers: readonly string[], placement: Placement): number {
    const slots = new Map(pointers.map((key, i): [string, Slot] => {
      const node = nodeOf(key, placement);
      return [key, { pointer: pointerName(i), offset: 0, type: node.dtype, storage: storageOf(node) }];
    }));
    const input = { sizes: this.#sizes, nests, pointers: slots.size, slots, fused: this.#fused };
    const text = kernelText(input, (name) => this.#used.add(name));
    this.#scratchBytes = Math.max(this.#scratchBytes, text.scratchBytes);
    const code = text.code.replace(/;; .*$/gm, '');
    const known = this.#codes.get(code) ?? this.#codes.size;
    this.#codes.set(code, known);
    return known;
  }

  module(calls: readonly Call[]): string {
    return moduleText([...this.#codes.keys()], this.#used, calls);
  }
}

/** The kind of a computation, and by which pointer it finds each value. */
const kindOver = ({ kind, values }: Computation, pointers: readonly string[]): string =>
  [kind.root.key, ...[...values.values()].map((key) => pointers.indexOf(key))].join();

/** What a kernel reads, then what it writes; a value that it both reads and writes (a cache) is written. */
function bindingsOf(draft: Draft, placement: Placement): ReadonlyMap<string, Binding> {
  const written = new Set(draft.computations.map((c) => c.root.key));
  const read = [...new Set(draft.computations.flatMap((c) => [...c.reads]))].filter((key) => !written.has(key));
  const binding = (key: string, access: Binding['access']): [string, Binding] => {
    const region = placement.regions.get(key);
    if (region === undefined) throw new Error(`assemble: ${nodeOf(key, placement).kind} has no place`);
    return [key, { region, access }];
  };
  return new Map([...read.map((key) => binding(key, 'read')), ...[...written].map((key) => binding(key, 'write'))]);
}

function nodeOf(key: string, placement: Placement): Node {
  const node = placement.nodes.get(key);
  if (node === undefined) throw new Error('assemble: an unknown value');
  return node;
}
