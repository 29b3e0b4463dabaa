import { pathToFileURL } from 'node:url';
import type { Place } from '../../dsl/errors.ts';

/** The innermost place of a file in the stack of what was thrown. */
export function firstPlaceIn(file: string, thrown: unknown): Place | undefined {
  const stack = thrown instanceof Error ? thrown.stack ?? '' : '';
  const names = [file, pathToFileURL(file).href];
  for (const line of stack.split('\n')) {
    const match = /^\s*at (?:.*\()?(.+?):(\d+):(\d+)\)?$/.exec(line);
    if (match !== null && names.includes(match[1])) return { file, line: Number(match[2]), column: Number(match[3]) };
  }
  return undefined;
}
