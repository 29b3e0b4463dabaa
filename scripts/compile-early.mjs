import { setFlagsFromString } from 'node:v8';

/**
 * Has V8 compile WebAssembly when it is loaded, and by its optimising compiler alone. It would else compile each function
 * at its first call, without optimising, and again in the background while that runs: of a small model's tokens the
 * first twenty would take three times as long as the others. The whole process is meant, so that this is for programs to
 * call, and before they load any WebAssembly; engines without these settings are left as they are.
 */
export function compileEarly() {
  setFlagsFromString('--no-wasm-lazy-compilation');
  setFlagsFromString('--no-liftoff');
}
