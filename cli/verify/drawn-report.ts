import { basename } from 'node:path';
import type { PldrModel, Tokenizer } from '../../models/pldr/index.ts';
import { galleryOf, picturesOf, readText, reportPage, type VerifyReport } from '../../verify/index.ts';
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

const NOTHING_DRAWN = 'There is nothing to draw: no text moves the operator.\n';

/**
 * Prints pictures and writes files, as far as they are asked for. A model whose operator no text moves has no pictures,
 * which is said where some were asked for.
 * @throws `input/write` where a file cannot be written, and as `readText`
 */
export async function drawReport(io: Io, flags: DrawnFlags, verified: Verified): Promise<void> {
  const { html, pictures, show = false } = flags;
  if (html === undefined && pictures === undefined && !show) return;
  const { model: { config }, tokenizer, report, prompt } = verified;
  const { invariance } = report;
  const read = invariance === undefined ? undefined : await readText(verified.model, prompt);
  const tokens = prompt.map((id) => tokenizer.piece(id));
  if (html !== undefined) {
    const decode = (ids: readonly number[]): string => tokenizer.decode(ids);
    await writeOutput(html, reportPage({ name: basename(flags.model), report, read, tokens, decode }));
  }
  if (invariance === undefined || read === undefined) {
    if (pictures !== undefined || show) await write(io.stderr, NOTHING_DRAWN);
    return;
  }
  if (show) await write(io.stdout, `\n${showOperatorPictures(read, config.headDim, io.stdout)}\n`);
  if (pictures !== undefined)
    await writePictures(pictures, picturesOf(galleryOf(invariance, { read, tokens, config })));
}
