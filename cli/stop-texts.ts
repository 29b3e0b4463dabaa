/** What may be shown after more text came, and whether a stop text appeared in it. */
export interface Cut {
  readonly text: string;
  readonly stopped: boolean;
}

/**
 * Passes a text on piece by piece up to the first occurrence of a stop text, which is left out. The end of a piece that
 * could be the beginning of a stop text is held back until it is certain.
 */
export class StopTexts {
  readonly #stops: readonly string[];
  #held = '';

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((s) => s !== '');
  }

  push(piece: string): Cut {
    if (this.#stops.length === 0) return { text: piece, stopped: false };
    const text = this.#held + piece;
    const at = Math.min(...this.#stops.map((s) => text.indexOf(s)).filter((i) => i >= 0));
    if (at !== Infinity) {
      this.#held = '';
      return { text: text.slice(0, at), stopped: true };
    }
    const certain = text.length - Math.max(0, ...this.#stops.map((s) => overlap(text, s)));
    this.#held = text.slice(certain);
    return { text: text.slice(0, certain), stopped: false };
  }

  /** What was held back, when no more text comes. */
  end(): string {
    const rest = this.#held;
    this.#held = '';
    return rest;
  }
}

/** How many characters at the end of `text` are the beginning of `stop`. */
function overlap(text: string, stop: string): number {
  for (let n = Math.min(text.length, stop.length - 1); n > 0; n--) if (text.endsWith(stop.slice(0, n))) return n;
  return 0;
}
