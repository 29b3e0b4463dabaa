/** The tokens of WebAssembly text, one after the other; comments that `;;` begins are none. */
export class Tokens {
  readonly #all: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#all = text.match(/;;.*|[()]|"[^"]*"|[^\s()";]+/g)?.filter((t) => !t.startsWith(';;')) ?? [];
  }

  get peek(): string {
    return this.#all[this.#at] ?? '';
  }

  next(): string {
    return this.#all[this.#at++] ?? '';
  }

  /** Passes a token if it is the next one. */
  take(token: string): boolean {
    if (this.peek !== token) return false;
    this.#at += 1;
    return true;
  }

  /** Passes `(` and a word if they come next. */
  open(word: string): boolean {
    if (this.peek !== '(' || this.#all[this.#at + 1] !== word) return false;
    this.#at += 2;
    return true;
  }

  expect(token: string): void {
    const found = this.next();
    if (found !== token) throw new Error(`assemble: "${found}" where "${token}" was expected`);
  }

  /** A text between quotes. */
  quoted(): string {
    return this.next().slice(1, -1);
  }

  /** Whether the next token is a word: no parenthesis, and not the end. */
  get atWord(): boolean {
    return this.peek !== '(' && this.peek !== ')' && this.peek !== '';
  }
}
