import type { ProgramSource } from '../../compiler/draft.ts';
import { factorsFor, narrow } from '../../compiler/passes/narrow.ts';
import { simplify, splitWeights, verify } from '../../compiler/index.ts';
import { showGraph } from '../../dsl/print.ts';
import type { Node } from '../../dsl/node.ts';
import type { Examined } from './examine.ts';

/** The graph as the model declares it, and each program's own after each pass. */
export function showPasses({ graph, ...examined }: Examined): string {
  const declared = `=== the model as declared ===\n${showGraph([graph.decoded.hidden.node])}`;
  return [declared, ...examined.sources.map((s) => programPasses(s, examined))].join('\n\n');
}

function programPasses(source: ProgramSource, { target, storage }: Pick<Examined, 'target' | 'storage'>): string {
  const staged = [
    ...Object.values(source.outputs), ...(source.states?.values() ?? []), ...(source.updates?.values() ?? []),
  ];
  const verified = verify(staged);
  const narrowed = narrow(verified, storage, factorsFor(target.profile));
  const split = splitWeights(narrowed, target.bindingBytes);
  const after: readonly (readonly [string, readonly Node[]])[] = [
    ['stage', staged],
    ['verify', verified],
    ['narrow', narrowed],
    ['split', split],
    ['simplify', simplify(split)],
  ];
  const texts = after.map(([, roots]) => showGraph(roots));
  const updates = [...(source.updates?.keys() ?? [])].map((weight) => `the new ${weight}`);
  const results = [...Object.keys(source.outputs), ...(source.states?.keys() ?? []), ...updates].join(', ');
  return after
    .map(([pass], i) => {
      const title = `=== ${source.name} after ${pass} ===`;
      return texts[i] === texts[i - 1] ? `${title}\n(unchanged)` : `${title}\n${texts[i]}\nthat is: ${results}`;
    })
    .join('\n\n');
}
