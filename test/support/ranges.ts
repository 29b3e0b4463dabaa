/** Some bytes of something. */
export interface Stretch {
  readonly offset: number;
  readonly bytes: number;
}

export const overlap = (a: Stretch, b: Stretch): boolean =>
  a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;

/** Every two different entries of a list, once. */
export const pairs = <T>(xs: readonly T[]): readonly (readonly [T, T])[] =>
  xs.flatMap((a, i) => xs.slice(i + 1).map((b): readonly [T, T] => [a, b]));
