export * from './activations.ts';
export { logistic as sigmoid } from './activations.ts';
