import type { Program } from '../../../compiler/program.ts';
import type { BufferSet } from '../../../runtime/buffers.ts';
import type { Device, Executable } from '../../../runtime/device.ts';
import type { RunSizes } from '../../../runtime/sizes.ts';
import { readValue, writeValue } from '../../../runtime/transfer.ts';
import type { Batch } from './data/batch.ts';
import type { Measured } from './measured.ts';

/** Reads a number that a run returns. */
export type ReadResult = (output: string) => Promise<number>;

/**
 * Runs a program of `ids` and `targets` over a batch.
 * @returns what reads a result of this run
 */
export function runBatch(device: Device, buffers: BufferSet, executable: Executable, batch: Batch): ReadResult {
  const { program } = executable;
  const sizes = sizesOf(program, batch.positions);
  writeValue(device, buffers, 'ids', program.inputs['ids'], sizes, batch.ids);
  writeValue(device, buffers, 'targets', program.inputs['targets'], sizes, batch.targets);
  device.submit((commands) => commands.run(executable, sizes));
  return async (output) => (await readValue(device, buffers, program.outputs[output], sizes))[0];
}

/** What was measured of a batch: all at once, since on a GPU each is a way there and back. */
export async function measuredOf(read: ReadResult): Promise<Measured> {
  const [crossEntropy, accuracy, count] = await Promise.all(['crossEntropy', 'accuracy', 'count'].map(read));
  return { crossEntropy, accuracy, count };
}

/** Only positions may be fewer than the graph says. */
export const sizesOf = ({ sizes }: Program, positions: number): RunSizes =>
  Object.fromEntries(sizes.map(({ name }) => [name, positions]));
