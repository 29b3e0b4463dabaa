import { RicciError } from '../../dsl/errors.ts';

/** Parts of two devices do not mix. */
export const notOfThisDevice = (part: string): RicciError =>
  new RicciError({
    code: 'runtime/foreign',
    message: `A WebGPU device was given ${part}, which another device made.`,
    hint: 'Make buffers, programs and samplers with the device that uses them.',
  });
