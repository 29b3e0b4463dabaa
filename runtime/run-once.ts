import type { Program } from '../compiler/program.ts';
import type { BufferSet } from './buffers.ts';
import type { Device } from './device.ts';
import type { RunSizes } from './sizes.ts';

/** Runs a program once, alone in its submit, and frees it; its values stay in `buffers`. */
export async function runOnce(
  device: Device,
  program: Program,
  buffers: BufferSet,
  sizes: RunSizes = {},
): Promise<void> {
  const executable = await device.open(program, buffers);
  try {
    device.submit((commands) => commands.run(executable, sizes));
    await device.settled();
  } finally {
    executable.destroy();
  }
}
