import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RicciError } from '../../dsl/errors.ts';
import type { Picture } from '../../verify/index.ts';

/** Writes a file that the user named. @throws `input/write` where that cannot be done */
export async function writeOutput(file: string, content: string | Uint8Array): Promise<void> {
  await writeFile(file, content).catch((cause: unknown) => {
    throw unwritable(file, cause, 'Choose a place in a folder that exists, where you may write.');
  });
}

/**
 * Writes pictures into a folder, which is made where it is missing: each as SVG, and matrices as PNG too.
 * @throws `input/write` where that cannot be done
 */
export async function writePictures(folder: string, pictures: readonly Picture[]): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw unwritable(folder, cause, 'Choose a folder that exists, or a place where you may make one.');
  });
  for (const { name, svg, png } of pictures) {
    await writeOutput(join(folder, `${name}.svg`), svg());
    if (png !== undefined) await writeOutput(join(folder, `${name}.png`), png());
  }
}

const unwritable = (place: string, cause: unknown, hint: string): RicciError => new RicciError({
  code: 'input/write',
  message: `${place} could not be written: ${cause instanceof Error ? cause.message : String(cause)}`,
  hint,
});
