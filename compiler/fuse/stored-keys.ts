/** Which values are in memory, by key. */
export interface StoredKeys {
  has(key: string): boolean;
}

/** A set of stored values as it would be without some, and with others. */
export class Trial implements StoredKeys {
  readonly #base: StoredKeys;
  readonly #removed: Set<string>;
  readonly #added: string | undefined;

  constructor(base: StoredKeys, removed: string, added?: string) {
    this.#base = base;
    this.#removed = new Set([removed]);
    this.#added = added;
  }

  has(key: string): boolean {
    return key === this.#added || (this.#base.has(key) && !this.#removed.has(key));
  }

  remove(key: string): void {
    this.#removed.add(key);
  }

  /** Makes it so. */
  applyTo(stored: Set<string>): void {
    for (const key of this.#removed) stored.delete(key);
    if (this.#added !== undefined) stored.add(this.#added);
  }
}
