// Stands for the package `ricci/dsl` with scalar functions of its own.
export * from '../../../dsl/scalar/index.ts';
export { logistic } from './activations.ts';
