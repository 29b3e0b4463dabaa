import { RicciError } from '../dsl/errors.ts';

/** Parts of two devices do not mix. @param device such as `A WebGPU device` */
export const notOfThisDevice = (device: string, part: string): RicciError =>
  new RicciError({
    code: 'runtime/foreign',
    message: `${device} was given ${part}, which another device made.`,
    hint: 'Make buffers, programs and samplers with the device that uses them.',
  });

/** A program runs once in a submit, since its sizes are set once. */
export const runTwice = (program: string): RicciError =>
  new RicciError({
    code: 'runtime/run-twice',
    message: `The program "${program}" was to run twice in one submit, and its sizes are set once for each.`,
    hint: 'Submit the second run on its own, or open the program twice.',
  });
