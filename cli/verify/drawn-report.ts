import { basename } from 'node:path';
import type { PldrModel, Tokenizer } from '../../models/pldr/index.ts';
import { galleryOf, picturesOf, readText, reportPage, textGallery, type VerifyReport } from '../../verify/index.ts';
import type { Io } from '../io.ts';
import { write } from '../output.ts';
import { showOperatorPictures } from './show-pictures.ts';
import { writeOutput, writePictures } from './write-pictures.ts';

/** Where what was measured is to be drawn. */
export interface DrawnFlags {
  /** What the model is called, or where it lies. */
  readonly model: string;
  /** The file of a page. */
  readonly html?: string;
  /** The folder of pictures. */
  readonly pictures?: string;
  /** Whether pictures are printed. */
  readonly show?: boolean;
}

export interface Verified {
  readonly model: PldrModel;
  readonly tokenizer: Tokenizer;
  readonly report: VerifyReport;
  readonly prompt: readonly number[];
}

/**
 * Prints pictures and writes files, as far as they are asked for.
 * @throws `input/write` where a file cannot be written, and as `readText`
 */
export async function drawReport(io: Io, flags: DrawnFlags, verified: Verified): Promise<void> {
  const { html, pictures, show = false } = flags;
  if (html === undefined && pictures === undefined && !show) return;
  const { model: { config }, tokenizer, report, prompt } = verified;
  const read = await readText(verified.model, prompt);
  const tokens = prompt.map((id) => tokenizer.piece(id));
  if (html !== undefined) {
    const decode = (ids: readonly number[]): string => tokenizer.decode(ids);
    await writeOutput(html, reportPage({ name: basename(flags.model), report, read, tokens, decode }));
  }
  if (show) await write(io.stdout, `\n${showOperatorPictures(read, config.headDim, io.stdout)}\n`);
  if (pictures === undefined) return;
  const drawn = { read, tokens, config };
  const { invariance, operators } = report;
  const gallery = invariance === undefined ? textGallery(drawn) : galleryOf(invariance, operators, drawn);
  await writePictures(pictures, picturesOf(gallery));
}
