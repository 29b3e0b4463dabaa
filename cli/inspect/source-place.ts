import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import type { Place } from '../../dsl/errors.ts';

/** Shows a place as `file:line`. */
export type ShowPlace = (place: Place | undefined) => string;

/**
 * Shows places relative to one of the folders where the file lies below it, and places in built modules as the lines of
 * the source that they were built from.
 */
export function placesIn(folders: readonly string[]): ShowPlace {
  const maps = new Map<string, SourceMap | undefined>();
  const mapOf = (file: string): SourceMap | undefined => {
    if (!maps.has(file)) maps.set(file, readMap(file));
    return maps.get(file);
  };
  return (place) => {
    if (place === undefined) return '-';
    const { file, line } = original(place, mapOf(place.file));
    const below = folders.map((folder) => relative(folder, file)).find((p) => !p.startsWith('..') && !isAbsolute(p));
    return `${(below ?? file).replaceAll('\\', '/')}:${line}`;
  };
}

function readMap(file: string): SourceMap | undefined {
  const path = `${file}.map`;
  return existsSync(path) ? new SourceMap(JSON.parse(readFileSync(path, 'utf8'))) : undefined;
}

/** A source map counts lines and columns from 0. */
function original(place: Place, map: SourceMap | undefined): Place {
  const entry = map?.findEntry(place.line - 1, place.column - 1);
  if (entry === undefined || !('originalSource' in entry)) return place;
  const file = resolve(dirname(place.file), entry.originalSource);
  return { file, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
}
