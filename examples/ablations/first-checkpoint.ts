import { mkdir, rm } from 'node:fs/promises';
import { randomCheckpoint, weightsRead } from 'ricci/pldr';
import { checkpointsIn } from 'ricci/train';
import { firstOf, type Run } from './plan.ts';

/**
 * Writes the weights that a run begins with, where it has not begun: each is drawn from a stream of the seed and its
 * own name, so that runs agree in all weights that they have in common.
 * @param G what an operator that is given to the model is [layer, head, row, col]
 */
export async function writeFirst(run: Run, G: Float32Array | undefined): Promise<void> {
  const { folder, model, variant, config: { seed, model: { init } } } = run;
  await mkdir(folder, { recursive: true });
  if ((await checkpointsIn(folder)).length > 0) return;
  // One that an interrupted command or another configuration left is made anew.
  await rm(firstOf(run), { recursive: true, force: true });
  await randomCheckpoint(model, firstOf(run), seed, 'F32', {
    scheme: init,
    ...(variant === undefined ? {} : { shapes: weightsRead(model, variant) }),
    ...(G === undefined ? {} : { G }),
  });
}
