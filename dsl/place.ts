import type { Place } from './errors.ts';

/**
 * Where a node was made. The stack is kept as V8 left it and read only when someone asks: most nodes are never asked.
 */
export interface Origin {
  readonly place: Place | undefined;
}

const HERE = folderOf(import.meta.url);

function folderOf(url: string): string {
  return url.slice(0, url.lastIndexOf('/') + 1);
}

class StackOrigin implements Origin {
  readonly #error: Error;
  #place: Place | undefined | null = null;

  constructor(error: Error) {
    this.#error = error;
  }

  get place(): Place | undefined {
    if (this.#place === null) this.#place = firstForeignFrame(this.#error.stack ?? '');
    return this.#place;
  }
}

/** Captures the caller's place outside this folder: the line of the user's program (or of a model of ours). */
export function captureOrigin(): Origin {
  return new StackOrigin(new Error('origin'));
}

function firstForeignFrame(stack: string): Place | undefined {
  for (const line of stack.split('\n').slice(1)) {
    const place = parseFrame(line);
    if (place !== undefined && !place.file.startsWith(HERE) && !place.file.startsWith(pathOf(HERE))) {
      return { ...place, file: pathOf(place.file) };
    }
  }
  return undefined;
}

function parseFrame(line: string): Place | undefined {
  const match = /(?:\(|at |async )((?:file:\/\/|https?:\/\/|\/|[A-Za-z]:[\\/])[^()]*?):(\d+):(\d+)\)?$/
    .exec(line.trim());
  if (match === null) return undefined;
  return { file: match[1], line: Number(match[2]), column: Number(match[3]) };
}

/** A `file:` address as a path that an editor opens; anything else unchanged. */
const pathOf = (file: string): string => (file.startsWith('file://') ? decodeURIComponent(file.slice(7)) : file);
