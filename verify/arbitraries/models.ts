import fc from 'fast-check';
import type { PldrConfig } from '../../models/pldr/index.ts';
import type { InterpretedModel } from '../interpreted/reading.ts';
import { configs } from './configs.ts';
import { WEIGHT_KINDS, weightsOf, type WeightKind } from './weights/index.ts';

/** A model that was drawn, for `read`; a counter-example shows the call of `drawnModel` that makes it again. */
export interface DrawnModel extends InterpretedModel {
  readonly kind: WeightKind;
  readonly seed: number;
  readonly [fc.toStringMethod]?: () => string;
}

/** The model of a configuration whose weights are drawn as `kind` says. */
export const drawnModel = (config: PldrConfig, seed: number, kind: WeightKind = 'perturbed'): DrawnModel => ({
  config, kind, seed, weights: weightsOf(config, seed, kind),
  [fc.toStringMethod]: () => `drawnModel(${JSON.stringify(config)}, ${seed}, '${kind}')`,
});

export interface ModelOptions {
  /** Where configurations come from; `configs()` where nothing is said. */
  readonly configs?: fc.Arbitrary<PldrConfig>;
  /** All kinds where nothing is said; the first is what others shrink to. */
  readonly kinds?: readonly WeightKind[];
}

/** Small models with weights of all kinds. Shrinks to weights as they are initialised, and as the configurations do. */
export const models = (options: ModelOptions = {}): fc.Arbitrary<DrawnModel> =>
  fc
    .record({
      config: options.configs ?? configs(),
      kind: fc.constantFrom(...(options.kinds ?? WEIGHT_KINDS)),
      seed: fc.nat(1e6),
    })
    .map(({ config, kind, seed }) => drawnModel(config, seed, kind));
