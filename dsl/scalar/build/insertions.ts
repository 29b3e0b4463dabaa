/** Text to put into a file before the character at `at`; it holds no line break. */
export interface Insertion {
  readonly at: number;
  readonly text: string;
}

/** Version 3 source map. Its lists are not `readonly`, because the types of bundlers ask for that. */
export interface InsertionMap {
  readonly version: 3;
  readonly sources: string[];
  readonly sourcesContent: string[];
  readonly names: string[];
  readonly mappings: string;
}

/** The text with the insertions, which are in order. */
export function insert(text: string, insertions: readonly Insertion[]): string {
  const starts = [0, ...insertions.map((insertion) => insertion.at)];
  return starts.map((start, i) => (insertions[i - 1]?.text ?? '') + text.slice(start, starts[i + 1])).join('');
}

/** Maps the text with insertions back to the text: every word and sign to itself, an insertion to what it follows. */
export function insertionMap(text: string, source: string, insertions: readonly Insertion[]): InsertionMap {
  let offset = 0;
  let previous: Segment = [0, 0, 0, 0];
  const lines = text.split('\n').map((line, index) => {
    const within = insertions.filter(({ at }) => at >= offset && at <= offset + line.length);
    const segments = segmentsOf(line, index, offset, within);
    // Segments are relative to the one before; columns of the result start anew on every line.
    previous = [0, previous[1], previous[2], previous[3]];
    const written = segments.map((segment) => {
      const relative = segment.map((value, i) => encode(value - previous[i])).join('');
      previous = segment;
      return relative;
    });
    offset += line.length + 1;
    return written.join(',');
  });
  return { version: 3, sources: [source], sourcesContent: [text], names: [], mappings: lines.join(';') };
}

/** Column in the result, source, line and column in the source; all from 0. */
type Segment = readonly [number, number, number, number];

function segmentsOf(line: string, index: number, offset: number, insertions: readonly Insertion[]): readonly Segment[] {
  const words = Array.from(line.matchAll(/\w+|[^\w\s]/g), (match) => match.index);
  const columns = new Set([0, ...words, ...insertions.map(({ at }) => at - offset)]);
  return [...columns].toSorted((a, b) => a - b).map((column) => {
    const before = insertions.filter(({ at }) => at - offset <= column);
    return [before.reduce((sum, { text }) => sum + text.length, column), 0, index, column];
  });
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** A number in the base-64 form of source maps: sign in the lowest bit, five bits a digit, lowest first. */
function encode(value: number): string {
  let rest = value < 0 ? (-value << 1) | 1 : value << 1;
  let text = '';
  do {
    const digit = rest & 31;
    rest >>>= 5;
    text += DIGITS[rest > 0 ? digit | 32 : digit];
  } while (rest > 0);
  return text;
}
