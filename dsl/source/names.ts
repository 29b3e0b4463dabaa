/** Names that mean something where a program is pasted: words of TypeScript, globals, and what the language exports. */
const RESERVED = new Set(`
  arguments await break case catch class const continue debugger default delete do else enum eval export extends false
  finally for function if implements import in instanceof interface let new null package private protected public
  return static super switch this throw true try typeof var void while with yield
  Infinity Math NaN undefined verifyCaches
  abs add axis cache concat constant cos div dot equal exp freeze gather grad input iota iswiglu less lessEqual log map
  mapInt max maximum merge min minimum mul neg pad parameter pow product random rename round scalar scatterAdd sigmoid
  silu sin slice softmax split sqrt stopGradient sub sum symbol table tanh toInt where
`.trim().split(/\s+/));

const isIdentifier = (name: string): boolean => /^[A-Za-z_$][\w$]*$/.test(name);

/** Names that one program has given so far. */
export class Names {
  readonly #taken = new Set(RESERVED);

  /** The name itself where it is free, else with the first number that makes it so. */
  take(stem: string): string {
    return this.#first((n) => (n === 1 ? stem : `${stem}${n}`));
  }

  /** Numbered from 1: `x1`, `x2`, … */
  next(stem: string): string {
    return this.#first((n) => `${stem}${n}`);
  }

  #first(nameOf: (n: number) => string): string {
    let n = 1;
    while (this.#taken.has(nameOf(n))) n++;
    this.#taken.add(nameOf(n));
    return nameOf(n);
  }
}

/** The last word of a dotted name, where it can name a variable: `wq` of `layer0.wq`. */
export function stemOf(name: string): string | undefined {
  const last = name.slice(name.lastIndexOf('.') + 1);
  return isIdentifier(last) ? last : undefined;
}

/** Axes are written in capitals: `HeadDim` for `head_dim`. */
export const capitalised = (name: string): string =>
  name.split('_').map((part) => part.slice(0, 1).toUpperCase() + part.slice(1)).join('');
