import { readFileSync } from 'node:fs';
import type { Place } from '../dsl/errors.ts';

/**
 * The line of a place and the one before it, numbered, with a mark below; undefined where the file cannot be read.
 *
 *     11 const density = rename(k, Dk, Row);
 *     12 return dot(density, k, Pos);
 *                ^
 */
export function codeFrame({ file, line, column }: Place): string | undefined {
  const lines = textOf(file)?.split(/\r?\n/);
  if (lines?.[line - 1] === undefined) return undefined;
  const width = String(line).length;
  const numbered = (n: number): string => `${String(n).padStart(width)} ${lines[n - 1]}`;
  const mark = `${' '.repeat(width + column)}^`;
  return [...(line > 1 ? [numbered(line - 1)] : []), numbered(line), mark].join('\n');
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
