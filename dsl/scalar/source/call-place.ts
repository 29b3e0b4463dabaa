import type { Place } from '../../errors.ts';
import { pathOf } from './host.ts';

const FRAME = /^\s*at (?:.*? \()?(.+?):(\d+):(\d+)\)?$/;

/**
 * The place of the call in whose callee `made` was created: the second frame of its stack, in the terms of the source
 * file where a source map is active. Nothing where the engine writes stacks in another form.
 */
export function callPlace(made: Error): Place | undefined {
  const frames = (made.stack ?? '').split('\n').flatMap((line) => {
    const match = FRAME.exec(line);
    return match === null ? [] : [match];
  });
  if (frames.length < 2) return undefined;
  const [, file, line, column] = frames[1];
  return { file: pathOf(file), line: Number(line), column: Number(column) };
}
