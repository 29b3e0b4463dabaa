import type { Program } from '../../../compiler/program.ts';
import type { Session } from '../../../models/pldr/index.ts';
import type { Executable } from '../../../runtime/device.ts';
import type { RunSizes } from '../../../runtime/sizes.ts';
import type { KernelTime } from '../case.ts';
import { withoutTimestamps } from '../clock.ts';

/** A program of one row, opened once more over the memory of a session that has read its prompt. */
export interface Reopened {
  readonly executable: Executable;
  close(): void;
}

export async function reopen({ model: { device }, buffers }: Session, program: Program): Promise<Reopened> {
  const own = buffers.share('weights:', 'arena:', 'state:', 'input:', 'output:');
  const executable = await device.open(program, own);
  const close = (): void => {
    executable.destroy();
    own.destroy();
  };
  return { executable, close };
}

/** What a program takes over such memory, kernel by kernel. */
export async function programTimes(
  session: Session, program: Program, sizes: RunSizes,
): Promise<readonly KernelTime[] | undefined> {
  const { executable, close } = await reopen(session, program);
  try {
    const times = await executable.time(sizes).catch(withoutTimestamps);
    return times?.map((seconds, i) => ({ name: program.kernels[i].name, seconds }));
  } finally {
    close();
  }
}
