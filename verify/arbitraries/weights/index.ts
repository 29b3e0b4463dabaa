import type { PldrConfig } from '../../../models/pldr/index.ts';
import { initialValues } from '../../../models/pldr/initial-values.ts';
import { parameterShapes } from '../../../models/pldr/parameters.ts';
import { collapsed } from './collapsed.ts';
import { extreme } from './extreme.ts';
import { onFloor } from './floor.ts';
import { initial, perturbed, type Parameter } from './parameter.ts';

/**
 * How weights are drawn; a configuration and a seed say the rest.
 * - `initial`: as the authors initialise (spec section 4): gains of 1, biases of 0;
 * - `perturbed`: the same with nothing left constant, since a bias of 0 and a gain of 1 could as well be absent;
 * - `collapsed`: perturbed, and G hardly depends on the text, as in a converged model;
 * - `floor`: perturbed, and A_LM is on its floor of 1e-9 in some entries of every layer and head;
 * - `extreme`: as `floor`, with exponents of both signs so large that A_P spans up to 54 orders of magnitude.
 */
export type WeightKind = (typeof WEIGHT_KINDS)[number];

/** All kinds, the simplest first. */
export const WEIGHT_KINDS = ['initial', 'perturbed', 'collapsed', 'floor', 'extreme'] as const;

/** Numbers of every parameter, row-major, by its name in a checkpoint. All are numbers of single precision. */
export type Weights = ReadonlyMap<string, Float64Array>;

/** The weights of one kind for a configuration; a seed gives the same numbers always. */
export const weightsOf = (config: PldrConfig, seed: number, kind: WeightKind): Weights =>
  new Map([...parameterShapes(config)].map(([name, shape]) => {
    const how = initialValues(name, shape, config, 'authors');
    return [name, Float64Array.from(DRAWN[kind]({ name, shape, config, seed, how }))];
  }));

const DRAWN: Readonly<Record<WeightKind, (p: Parameter) => Float32Array>> = {
  initial, perturbed, collapsed, floor: onFloor, extreme,
};
