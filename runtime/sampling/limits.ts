/** Invocations per row; WebGPU's default limit. The filters count on one histogram bin (of 8 bits) per lane. */
export const LANES = 256;

/** How many tokens may end a row. */
export const MAX_STOP_IDS = 8;

/** The sums of 31-bit weights stay below 2^53 up to here, so that a CPU in doubles computes what the GPU does. */
export const MAX_VOCAB = 2 ** 22;

/** The rows' streams fit the smallest uniform binding that WebGPU guarantees (64 KiB). */
export const MAX_BATCH = 4096;

/** Every step has a uniform slot of its own, commonly of 256 bytes: 16 MiB here. */
export const MAX_STEPS = 2 ** 16;
