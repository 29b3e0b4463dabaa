/** A function of WebAssembly text, on four lanes of f32 at a time unless its file says otherwise. */
export interface MathFunction {
  /** What it is called by, without the dollar sign. */
  readonly name: string;
  /** How many parameters it takes. */
  readonly params: number;
  /** The whole `(func $name …)`: plain SIMD128, folded expressions. */
  readonly code: string;
  /** Names of the functions that it calls. */
  readonly needs: readonly string[];
  /** What it does, to be written where it is called: what stays the same in a loop is then made outside of it. */
  readonly body?: FunctionBody;
}

/** A function over vectors as lines; the last is its value. */
export interface FunctionBody {
  readonly params: readonly string[];
  readonly locals: readonly string[];
  readonly lines: readonly string[];
}

/** A body with other names for its parameters and locals. */
export function renamed({ lines }: FunctionBody, names: ReadonlyMap<string, string>): readonly string[] {
  return lines.map((line) => line.replaceAll(/\$(\w+)/g, (whole, name: string) => {
    const other = names.get(name);
    return other === undefined ? whole : `$${other}`;
  }));
}
