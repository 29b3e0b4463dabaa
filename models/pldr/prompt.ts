import { RicciError } from '../../dsl/errors.ts';

/**
 * How rows of different lengths share a batch:
 * - `exact`: padding is invisible; every row computes what it computes alone;
 * - `hf-eager`, `hf-sdpa`: as the Hugging Face port. Padded positions count in the density and are masked as keys. A
 *   row of the mask in which every key is blocked weighs all columns alike (`eager`) or gives zero (`sdpa`).
 */
export type Padding = 'exact' | 'hf-eager' | 'hf-sdpa';

/** Token ids of each row; with a mask, 0 marks padding. Rows may differ in length. */
export interface Prompt {
  readonly rows: readonly (readonly number[])[];
  readonly mask?: readonly (readonly number[])[] | undefined;
}

/** A batch as the programs read it. Matrices are [rows, length], row by row. */
export interface PromptLayout {
  readonly length: number;
  readonly ids: Int32Array;
  readonly position: Int32Array;
  readonly present: Float32Array;
  readonly attends: Float32Array;
  /** [rows, context] */
  readonly visible: Float32Array;
  /** Column of each row whose logits predict the next token. */
  readonly last: Int32Array;
  /** Cache row and position of the next token. */
  readonly nextSlot: Int32Array;
  readonly nextPosition: Int32Array;
  /** For each row the column of the caller's matrix that each computed column stands for; -1 for none. */
  readonly sourceColumn: readonly (readonly number[])[];
}

/** Lays out a batch. @throws `pldr/prompt` listing every problem, `pldr/context` when it is too long */
export function layoutPrompt(
  prompt: Prompt,
  padding: Padding,
  limits: { readonly vocab: number; readonly context: number; readonly padId: number },
): PromptLayout {
  checkPrompt(prompt, limits.vocab);
  const rows = prompt.rows.map((ids, r) => ({ ids, mask: prompt.mask?.[r] ?? ids.map(() => 1) }));
  const layout = padding === 'exact' ? exactLayout(rows, limits) : paddedLayout(rows, padding, limits);
  if (layout.length > limits.context) {
    throw new RicciError({
      code: 'pldr/context',
      message: `The prompt has ${layout.length} tokens, and the model's context is ${limits.context}.`,
      hint: 'Shorten the prompt.',
    });
  }
  return layout;
}

interface Row { readonly ids: readonly number[]; readonly mask: readonly number[] }
interface Limits { readonly context: number; readonly padId: number }

/** Real tokens from the left; what follows them is never looked at. */
function exactLayout(rows: readonly Row[], { context, padId }: Limits): PromptLayout {
  const columns = rows.map((r) => r.ids.map((_, j) => j).filter((j) => r.mask[j] !== 0));
  const length = Math.max(...columns.map((c) => c.length));
  const at = (fill: (r: number, j: number) => number): number[] =>
    rows.flatMap((_, r) => Array.from({ length }, (_unused, j) => fill(r, j)));
  return {
    length,
    ids: Int32Array.from(at((r, j) => (j < columns[r].length ? rows[r].ids[columns[r][j]] : padId))),
    position: Int32Array.from(at((_, j) => j)),
    present: Float32Array.from(at((r, j) => (j < columns[r].length ? 1 : 0))),
    attends: Float32Array.from(at(() => 1)),
    visible: new Float32Array(rows.length * context).fill(1),
    last: Int32Array.from(columns, (c) => c.length - 1),
    nextSlot: Int32Array.from(columns, (c) => c.length),
    nextPosition: Int32Array.from(columns, (c) => c.length),
    sourceColumn: columns.map((c) => Array.from({ length }, (_, j) => c[j] ?? -1)),
  };
}

/** Every column is computed; rows that are shorter are filled on the left. */
function paddedLayout(given: readonly Row[], padding: Padding, { context, padId }: Limits): PromptLayout {
  const length = Math.max(...given.map((r) => r.ids.length));
  const fill = (row: readonly number[], value: number): readonly number[] =>
    [...Array.from({ length: length - row.length }, () => value), ...row];
  const rows = given.map((r) => ({ ids: fill(r.ids, padId), mask: fill(r.mask, 0), offset: length - r.ids.length }));
  const real = rows.map((r) => r.mask.reduce((n, m) => n + m, 0));
  return {
    length,
    ids: Int32Array.from(rows.flatMap((r) => r.ids)),
    position: Int32Array.from(rows.flatMap((r) => paddedPositions(r.mask))),
    present: new Float32Array(rows.length * length).fill(1),
    attends: Float32Array.from(rows.flatMap((r) =>
      r.mask.map((_, j) => (padding === 'hf-eager' || r.mask.slice(0, j + 1).includes(1) ? 1 : 0)))),
    visible: Float32Array.from(rows.flatMap((r) => Array.from({ length: context }, (_, j) => r.mask[j] ?? 1))),
    last: Int32Array.from(rows, () => length - 1),
    nextSlot: Int32Array.from(rows, () => length),
    nextPosition: Int32Array.from(real),
    sourceColumn: rows.map((r) => Array.from({ length }, (_, j) => j - r.offset)),
  };
}

/**
 * Real tokens count from 0 (the cumulative sum of the mask, minus 1) and padding before them is at position 1, as the
 * port's generate does; padding after them keeps its column, as its forward and the original do.
 */
function paddedPositions(mask: readonly number[]): readonly number[] {
  let seen = 0;
  return mask.map((m, j) => {
    seen += m;
    if (m === 1) return seen - 1;
    return seen === 0 ? 1 : j;
  });
}

function checkPrompt({ rows, mask }: Prompt, vocab: number): void {
  const problems: string[] = [];
  if (rows.length === 0) problems.push('there is no row');
  rows.forEach((ids, r) => {
    const own = mask?.[r];
    if (own !== undefined && own.length !== ids.length) {
      problems.push(`row ${r} has ${ids.length} ids, and its mask has ${own.length} entries`);
    }
    if (own !== undefined && own.some((m) => m !== 0 && m !== 1)) {
      problems.push(`the mask of row ${r} has an entry that is neither 0 nor 1`);
    }
    if (ids.length === 0 || (own !== undefined && !own.includes(1))) problems.push(`row ${r} has no token`);
    const strange = ids.filter((id) => !Number.isInteger(id) || id < 0 || id >= vocab);
    if (strange.length > 0) {
      const shown = strange.slice(0, 5).join(', ');
      problems.push(`row ${r} has the ids ${shown}, and the vocabulary runs from 0 to ${vocab - 1}`);
    }
  });
  if (mask !== undefined && mask.length !== rows.length) {
    problems.push(`the mask has ${mask.length} rows, and there are ${rows.length} prompts`);
  }
  if (problems.length === 0) return;
  throw new RicciError({
    code: 'pldr/prompt',
    message: `The prompt cannot be read: ${problems.join('; ')}.`,
    hint: 'Give each row at least one token of this model; an empty text is the single token [END].',
  });
}
