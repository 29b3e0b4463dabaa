import { axisNamed } from '../../dsl/axis.ts';
import { describeSource } from '../../dsl/source/source.ts';
import type { CachedModel } from './staged.ts';
import type { Trial } from './trial.ts';

/** A model and a text as a program that can be pasted into a test file, where it fails in the same way. */
export function counterExample({ output, pos }: CachedModel, trial: Trial): string {
  const { text, axisName } = describeSource([output.node]);
  const positions = axisName(axisNamed(output.node.axes, pos.name) ?? pos);
  const call = `verifyCaches({ output, pos: ${positions} }, { text: ${textOf(trial)} });`;
  return `import { verifyCaches } from 'ricci/verify';\n${text}\n\n${call}`;
}

function textOf({ prompt, more, block = 1, seed, sizes = {} }: Trial): string {
  const others = Object.entries(sizes).map(([name, size]) => `${name}: ${size}`);
  const inBlocks = block > 1 ? [`block: ${block}`] : [];
  const fields = [`prompt: ${prompt}`, `more: ${more}`, ...inBlocks, `seed: ${seed}`];
  return `{ ${[...fields, ...(others.length > 0 ? [`sizes: { ${others.join(', ')} }`] : [])].join(', ')} }`;
}
