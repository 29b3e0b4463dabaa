import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import type { Place } from '../../dsl/errors.ts';

/** Shows a place as `file:line`. */
export type ShowPlace = (place: Place | undefined) => string;

/** The files that places lie in. */
export interface Sources {
  readonly show: ShowPlace;
  /** The line of a place without its indentation; undefined where its file cannot be read. */
  line(place: Place | undefined): string | undefined;
}

export const placesIn = (folders: readonly string[]): ShowPlace => sourcesIn(folders).show;

/**
 * Shows places relative to one of the folders where the file lies below it, and places in built modules as the lines of
 * the source that they were built from. Every file is read once.
 */
export function sourcesIn(folders: readonly string[]): Sources {
  const mapOf = remembered(readMap);
  const linesOf = remembered((file) => (existsSync(file) ? readFileSync(file, 'utf8').split(/\r?\n/) : undefined));
  return {
    show(place) {
      if (place === undefined) return '-';
      const { file, line } = original(place, mapOf(place.file));
      const below = folders.map((folder) => relative(folder, file)).find((p) => !p.startsWith('..') && !isAbsolute(p));
      return `${(below ?? file).replaceAll('\\', '/')}:${line}`;
    },
    line(place) {
      if (place === undefined) return undefined;
      const map = mapOf(place.file);
      const { file, line } = original(place, map);
      return (linesOf(file) ?? builtFrom(file, place.file, map))?.[line - 1]?.trim();
    },
  };
}

function remembered<Value>(read: (file: string) => Value): (file: string) => Value {
  const known = new Map<string, Value>();
  return (file) => {
    const value = known.get(file) ?? read(file);
    known.set(file, value);
    return value;
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

/** The package holds no sources of built modules but in their maps. */
function builtFrom(file: string, built: string, map: SourceMap | undefined): readonly string[] | undefined {
  const at = map?.payload.sources.findIndex((s) => resolve(dirname(built), s) === file) ?? -1;
  return map?.payload.sourcesContent[at]?.split(/\r?\n/);
}
