import { mkdir, rm } from 'node:fs/promises';
import { RicciError } from 'ricci/dsl';
import { openCheckpoint, randomCheckpoint, weightsRead } from 'ricci/pldr';
import { withReader } from 'ricci/runtime';
import { checkpointsIn } from 'ricci/train';
import { relativeChange } from 'ricci/verify';
import type { Run } from './plan.ts';

/** So far is no other G from what it was: devices round otherwise. */
const SAME = 1e-3;

/**
 * Writes the weights that a run begins with, where it has not begun: each is drawn from a stream of the seed and its
 * own name, so that runs agree in all weights that they have in common.
 * @param G what an operator that is given to the model is [layer, head, row, col]
 * @throws RicciError `ablations/changed-g` where it has begun, with another G
 */
export async function writeFirst(run: Run, G: Float32Array | undefined): Promise<void> {
  const { folder, model, variant, config: { seed, model: { init } } } = run;
  await mkdir(folder, { recursive: true });
  if ((await checkpointsIn(folder)).length > 0) return G === undefined ? undefined : checkUnchanged(run, G);
  // One that an interrupted command or another configuration left is made anew.
  await rm(run.first, { recursive: true, force: true });
  await randomCheckpoint(model, run.first, seed, 'F32', {
    scheme: init,
    ...(variant === undefined ? {} : { shapes: weightsRead(model, variant) }),
    ...(G === undefined ? {} : { G }),
  });
}

async function checkUnchanged(run: Run, G: Float32Array): Promise<void> {
  const { givenG } = await openCheckpoint(run.first);
  const stored = givenG === undefined ? new Float64Array() : await withReader((reader) => reader.readDoubles(givenG));
  // [layer, (A, A_LM, G), 1, head, row, col]
  const size = G.length / run.model.layers;
  const before = G.map((_, i) => stored[(3 * Math.floor(i / size) + 2) * size + (i % size)]);
  if (relativeChange(G, before) <= SAME) return;
  throw new RicciError({
    code: 'ablations/changed-g',
    message: `The run in ${run.folder} was begun with another G.`,
    hint: 'Give transfer.from and transfer.prompt as before, or name another folder (out).',
  });
}
