import fc from 'fast-check';
import { type ResolvedSampling, resolveSampling } from '../../runtime/sampling/options.ts';
import { philox } from '../../runtime/sampling/random.ts';

/** A batch of random logits together with valid options for them. */
export interface SamplingCase {
  readonly rows: readonly Float32Array[];
  readonly options: ResolvedSampling;
  /** Per row the tokens that the penalty applies to; some occur twice. */
  readonly seen: readonly (readonly number[])[];
}

const unitInterval = fc.double({ min: 0, max: 1, noNaN: true });

/** Logits by recipe, so that a failing case stays small to print: where they come from rather than all of them. */
const recipe = fc.record({
  seed: fc.nat(),
  /** The spread; 0 makes every logit equal. */
  spread: fc.constantFrom(0, 0.01, 1, 4, 30, 1e30),
  /** Levels per unit: few levels make many exact ties; 0 leaves the logits as they are. */
  levels: fc.constantFrom(0, 1, 4),
  /** How many of 8 logits are -Infinity. */
  masked: fc.constantFrom(0, 0, 1, 7),
});

const sizes = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 2, max: 70 }) },
  { weight: 3, arbitrary: fc.integer({ min: 71, max: 3000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 30_000, max: 40_000 }) },
);

type Recipe = typeof recipe extends fc.Arbitrary<infer Value> ? Value : never;

function logitsOf({ seed, spread, levels, masked }: Recipe, vocab: number): Float32Array {
  return Float32Array.from({ length: vocab }, (_, id) => {
    const [first, second] = philox(seed, [id, 0]);
    if (second % 8 < masked) return -Infinity;
    // Roughly a logistic distribution: a few likely tokens and a long tail.
    const u = (first + 0.5) / 2 ** 32;
    const logit = spread * Math.log(u / (1 - u));
    return levels === 0 ? logit : Math.round(logit * levels) / levels;
  });
}

const optionsFor = (vocab: number): fc.Arbitrary<ResolvedSampling> =>
  fc
    .record({
      order: fc.constantFrom('authors' as const, 'hf' as const),
      temperature: fc.oneof(fc.constantFrom(1, 1e-30, 1e-3, 0.7), fc.double({ min: 0.05, max: 1, noNaN: true })),
      topP: fc.oneof(fc.constantFrom(1, 0.5, 0.95, 1e-6), fc.double({ min: 1e-6, max: 1, noNaN: true })),
      topK: fc.oneof(fc.constantFrom(0, 1, vocab), fc.integer({ min: 0, max: vocab })),
      minP: fc.oneof(fc.constantFrom(0, 1), unitInterval.map((x) => x ** 3)),
      repetitionPenalty: fc.constantFrom(1, 1, 1.3, 0.6, 4),
      seed: fc.integer({ min: 0, max: 0xffff_ffff }),
    })
    .map((options) => resolveSampling(options, vocab));

/** Batches of `batch` rows; every row has logits of its own. */
export function samplingCases(batch: number): fc.Arbitrary<SamplingCase> {
  const perRow = { minLength: batch, maxLength: batch };
  return sizes.chain((vocab) =>
    fc.record({
      rows: fc.array(recipe, perRow).map((all) => all.map((one) => logitsOf(one, vocab))),
      options: optionsFor(vocab),
      seen: fc.array(fc.array(fc.nat(vocab - 1), { maxLength: 20 }), perRow),
    }),
  );
}
