const ZEROS = [0xfd, 0x0c, ...Array.from({ length: 16 }, () => 0)]; // v128.const 0
const RELAXED_MADD = [0xfd, 0x85, 0x02]; // f32x4.relaxed_madd

/** Whether the engine takes a module whose one function returns the vector that `code` leaves. */
function takes(code: readonly number[]): boolean {
  const body = [0x00, ...code, 0x0b]; // no locals; end
  return WebAssembly.validate(Uint8Array.of(
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, // magic, version 1
    0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b, // type 0: () → v128
    0x03, 0x02, 0x01, 0x00, // one function, of type 0
    0x0a, body.length + 2, 0x01, body.length, ...body,
  ));
}

/** Whether WebAssembly has vectors here, without which the device `cpu` runs nothing. */
export const hasVectors = (): boolean => takes(ZEROS);

/** Whether it has relaxed SIMD, in which a product and a sum are one instruction. */
export const hasFusedVectors = (): boolean => takes([...ZEROS, ...ZEROS, ...ZEROS, ...RELAXED_MADD]);
