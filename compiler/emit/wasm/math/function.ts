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
}
