import { setFlagsFromString } from 'node:v8';

/** The first Node whose V8 has relaxed SIMD without being asked. */
const HAS_RELAXED_SIMD = 21;

/**
 * Sets V8 up for WebAssembly that computes. The whole process is meant, so that this is for programs to call, and before
 * they load any WebAssembly.
 *
 * - It is compiled when it is loaded, and by the optimising compiler alone. Each function would else be compiled at its
 *   first call, without optimising, and again in the background while that runs: of a small model's tokens the first
 *   twenty would take three times as long as the others.
 * - Relaxed SIMD, in which a product and a sum are one instruction, is there in Node 20 too: its V8 has what was
 *   standardised later, behind a flag.
 */
export function setUpEngine() {
  setFlagsFromString('--no-wasm-lazy-compilation');
  setFlagsFromString('--no-liftoff');
  if (Number.parseInt(process.versions.node, 10) < HAS_RELAXED_SIMD) {
    setFlagsFromString('--experimental-wasm-relaxed-simd');
  }
}
