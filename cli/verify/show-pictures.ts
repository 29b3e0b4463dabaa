import { matricesOf, terminalGrid, type ReadText } from '../../verify/index.ts';
import type { Terminal } from '../io.ts';

/** What fits into lines of this many characters can be read in any terminal. */
const USUAL_WIDTH = 80;

/** A picture takes a few characters at least, even where the terminal is narrower than them. */
const NARROWEST = 28;

/** Bits of a terminal that shows any colour. */
const ALL_COLOURS = 24;

/**
 * G of each layer's first heads, as many as fit beside each other: in colours where a terminal shows all of them, in
 * characters of more and less ink for others, for files and for pipes.
 */
export function showOperatorPictures({ layers }: ReadText, headDim: number, terminal: Terminal): string {
  const colours = terminal.isTTY === true && terminal.getColorDepth?.() === ALL_COLOURS;
  const grid = layers.map((layer) => matricesOf(layer.G_LM, headDim, headDim));
  return [
    'G_LM of the first prompt',
    terminalGrid(grid, {
      colours, width: Math.max(NARROWEST, terminal.columns ?? USUAL_WIDTH),
      rowTitles: grid.map((_, l) => `layer ${l}`), columnTitles: grid[0].map((_, h) => `head ${h}`),
    }),
  ].join('\n\n');
}
