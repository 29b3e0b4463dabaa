import type { TrainingMemory } from '../../models/pldr/train/plan.ts';
import { showBytes } from '../table.ts';

/** One line: all that a training takes on the device, and of what. */
export function showMemory({ parameters, moments, sums, activations, values, total }: TrainingMemory): string {
  const parts: readonly (readonly [what: string, bytes: number])[] = [
    ['parameters', parameters], ['moments', moments], ['sums of gradients', sums], ['activations', activations],
    ['batches and results', values],
  ];
  const shown = parts.filter(([, bytes]) => bytes > 0).map(([what, bytes]) => `${what} ${showBytes(bytes)}`);
  return `memory ${showBytes(total)}: ${shown.join(', ')}`;
}
