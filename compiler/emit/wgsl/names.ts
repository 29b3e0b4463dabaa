import { isWord } from './words.ts';

/**
 * The names of one nest's variables in WGSL. Axes keep their names, and variables of the schedule (which begin with an
 * underscore, as no axis does) lose the underscore, wherever that is free.
 */
export class VariableNames {
  readonly #used: Set<string>;
  readonly #names = new Map<string, string>();

  constructor(variables: Iterable<string>, taken: Iterable<string>) {
    this.#used = new Set(taken);
    const all = [...new Set(variables)];
    for (const v of all.filter((n) => !n.startsWith('_'))) this.#names.set(v, this.#claim(v));
    for (const v of all.filter((n) => n.startsWith('_'))) this.#names.set(v, this.#claim(v.slice(1)));
  }

  /** The name of a variable of the nest. */
  of(variable: string): string {
    const name = this.#names.get(variable);
    if (name === undefined) throw new Error(`emit: the variable "${variable}" is not declared in the nest`);
    return name;
  }

  /** A name for a value that the emitter keeps, of the form `stem_1`. */
  fresh(stem: string): string {
    for (let i = 1; ; i++) {
      const name = `${stem}_${i}`;
      if (!this.#used.has(name)) return this.#claim(name);
    }
  }

  #claim(wanted: string): string {
    let name = wanted;
    while (isWord(name) || this.#used.has(name)) name += '_';
    this.#used.add(name);
    return name;
  }
}
