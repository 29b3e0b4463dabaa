import type { PldrConfig } from '../../../models/pldr/index.ts';
import { initialChunks } from '../../../models/pldr/initial-chunks.ts';
import type { InitialValues } from '../../../models/pldr/initial-values.ts';
import { randomStream } from '../../../models/pldr/random-stream.ts';

/** A parameter whose numbers are to be drawn. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly config: PldrConfig;
  readonly seed: number;
  /** How the authors initialise it. */
  readonly how: InitialValues;
}

/** What a checkpoint of random weights would hold. */
export function initial({ name, shape, seed, how }: Parameter): Float32Array {
  // A chunk is overwritten by the next.
  const chunks = Array.from(initialChunks(how, shape, 'F32', randomStream(seed, name)), (chunk) => Array.from(chunk));
  return new Float32Array(Uint8Array.from(chunks.flat()).buffer);
}

/** As `initial`, but what would be constant is up to 0.2 away from that, and a given operator has random numbers. */
export function perturbed(p: Parameter): Float32Array {
  const stream = randomStream(p.seed, p.name);
  const values = initial(p);
  switch (p.how.kind) {
    case 'constant': {
      const noise = new Float32Array(values.length);
      stream.fillUniform(noise, 0.2);
      return values.map((v, i) => v + noise[i]);
    }
    case 'given-g':
      stream.fillNormal(values, 1);
      return values;
    case 'uniform': case 'normal':
      return values;
  }
}
