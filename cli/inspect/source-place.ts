import { isAbsolute, relative } from 'node:path';
import { showPlace, type Place } from '../../dsl/errors.ts';

/** `file:line`, relative to one of the folders where the file lies below it. */
export function shortPlace(place: Place | undefined, folders: readonly string[]): string {
  if (place === undefined) return '-';
  const { file, line } = place;
  for (const folder of folders) {
    const path = relative(folder, file);
    if (!path.startsWith('..') && !isAbsolute(path)) return `${path.replaceAll('\\', '/')}:${line}`;
  }
  return showPlace(place).replace(/:\d+$/, '');
}
