import { isWord } from './words.ts';

/** What names begin with: a letter for a dimension, a plus for a reduction's one, an underscore for a schedule's. */
const MARKS: readonly RegExp[] = [/^[A-Za-z]/, /^\+/, /^_/];

/**
 * The names of one nest's variables in WGSL. Dimensions keep their names, and the others lose their mark, wherever that
 * is free.
 */
export class VariableNames {
  readonly #used: Set<string>;
  readonly #names = new Map<string, string>();

  constructor(variables: Iterable<string>, taken: Iterable<string>) {
    this.#used = new Set(taken);
    const all = [...new Set(variables)];
    for (const mark of MARKS) {
      for (const v of all.filter((n) => mark.test(n))) this.#names.set(v, this.#claim(v.replace(/^[+_]/, '')));
    }
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
