import fc from 'fast-check';
import type { PldrConfig, Prompt } from '../../models/pldr/index.ts';
import { idsIn, markedTexts, plainTokens, type MarkedToken, type TextOptions } from './texts.ts';

export interface PromptOptions extends TextOptions {
  /** Most rows; 3 where nothing is said. */
  readonly rows?: number;
  /** Whether rows may be masked; true where nothing is said. */
  readonly masked?: boolean;
}

/** Which positions of a row a mask leaves out: the first, the last, or any. */
type Side = 'none' | 'left' | 'right' | 'inner';

interface Row {
  readonly tokens: readonly MarkedToken[];
  readonly side: Side;
}

/**
 * Batches for `read` and `forward`: rows of different lengths, without a mask or with one that leaves out positions on
 * the left, on the right or anywhere. Every row has a token, and what is left out has ids too, which nobody may see.
 * Shrinks to one row without a mask, and as texts do.
 */
export function prompts({ rows: most = 3, masked = true, ...text }: PromptOptions = {}): fc.Arbitrary<Prompt> {
  const sides: readonly Side[] = masked ? ['none', 'left', 'right', 'inner'] : ['none'];
  const row: fc.Arbitrary<Row> = fc.record({ tokens: markedTexts(text), side: fc.constantFrom(...sides) });
  const simplest: Row = { tokens: plainTokens(text.least ?? 1), side: 'none' };
  // Only arrays that may be empty shrink to any one of their entries.
  return fc.array(row, { maxLength: most, size: 'max' }).map((some): Prompt => {
    const drawn = some.length === 0 ? [simplest] : some;
    const ids = drawn.map((r) => r.tokens.map((t) => t.id));
    return drawn.every((r) => r.side === 'none') ? { rows: ids } : { rows: ids, mask: drawn.map(maskOf) };
  });
}

/** A batch for a model: each id modulo the size of its vocabulary. */
export const promptIn = (config: PldrConfig, prompt: Prompt): Prompt =>
  ({ ...prompt, rows: prompt.rows.map((row) => idsIn(config, row)) });

/** 1 for tokens and 0 for what is left out: the marked ones, or as many at one end, but never all. */
function maskOf({ tokens, side }: Row): readonly number[] {
  const { length } = tokens;
  const count = Math.min(length - 1, tokens.filter((t) => t.isMarked).length);
  const isOut = (i: number): boolean => {
    switch (side) {
      case 'none': return false;
      case 'left': return i < count;
      case 'right': return i >= length - count;
      case 'inner': return tokens[i].isMarked && tokens.slice(0, i).filter((t) => t.isMarked).length < count;
    }
  };
  return tokens.map((_, i) => (isOut(i) ? 0 : 1));
}
