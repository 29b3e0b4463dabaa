import type { Node } from '../dsl/node.ts';
import { gridPart, type Placement } from './assemble.ts';
import { costOf } from './cost.ts';
import { kernelText, pointerName } from './emit/wasm/kernel.ts';
import type { Slot } from './emit/wasm/locals.ts';
import { moduleText } from './emit/wasm/module.ts';
import { storageOf } from './fuse/cost.ts';
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
  const used = new Set<string>();
  const codes = new Map<string, number>();
  let scratchBytes = 0;
  const kernels = drafts.map((draft): Kernel => {
    const bindings = bindingsOf(draft, placement);
    const slots = new Map([...bindings.keys()].map((key, i): [string, Slot] => {
      const node = nodeOf(key, placement);
      return [key, { pointer: pointerName(i), offset: 0, type: node.dtype, storage: storageOf(node) }];
    }));
    const input = { sizes, nests: draft.nests, pointers: bindings.size, slots, fused };
    const text = kernelText(input, (name) => used.add(name));
    scratchBytes = Math.max(scratchBytes, text.scratchBytes);
    const code = text.code.replace(/;; .*$/gm, '');
    const module = codes.get(code) ?? codes.size;
    codes.set(code, module);
    return {
      name: draft.nests[0].name, place: draft.computations[0].root.origin.place, module,
      bindings: [...bindings.values()], parts: draft.nests.map((n) => gridPart(n, 1)),
      cost: costOf(draft, placement.nodes),
    };
  });
  return { modules: [moduleText([...codes.keys()], used)], kernels, scratchBytes };
}

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
