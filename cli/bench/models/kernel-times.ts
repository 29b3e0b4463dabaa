import type { Program } from '../../../compiler/program.ts';
import type { Session } from '../../../models/pldr/index.ts';
import type { RunSizes } from '../../../runtime/sizes.ts';
import type { KernelTime } from '../case.ts';
import { withoutTimestamps } from '../kernels/kernel-case.ts';

/** What a program of one row takes, kernel by kernel, over the memory of a session that has read its prompt. */
export async function programTimes(
  { model: { device }, buffers }: Session, program: Program, sizes: RunSizes,
): Promise<readonly KernelTime[] | undefined> {
  const own = buffers.share('weights:', 'arena:', 'state:', 'input:', 'output:');
  const executable = await device.open(program, own);
  try {
    const times = await executable.time(sizes).catch(withoutTimestamps);
    return times?.map((seconds, i) => ({ name: program.kernels[i].name, seconds }));
  } finally {
    executable.destroy();
    own.destroy();
  }
}
