import fc from 'fast-check';

/** What a counter-example of everything is shrunk to. */
export function smallest<T>(arbitrary: fc.Arbitrary<T>, isWrong: (value: T) => boolean = () => true): T | undefined {
  const { counterexample } = fc.check(fc.property(arbitrary, (value) => !isWrong(value)), { seed: 1, numRuns: 1000 });
  return counterexample?.[0];
}
