/** An endless deterministic stream of random numbers. */
export interface RandomStream {
  /** Fills with uniform values in (-bound, bound). */
  fillUniform(out: Float32Array, bound: number): void;
  /** Fills with normal values of mean 0. Fill even lengths: the pairs of Box-Muller are not kept between calls. */
  fillNormal(out: Float32Array, deviation: number): void;
  /** A whole number in [0, bound), each equally likely; 1 <= bound <= 2^32. */
  below(bound: number): number;
}

/**
 * The stream for one seed and one name (xoshiro128** of Blackman and Vigna). Streams of different names are
 * independent, so the values of a tensor depend on neither the order nor the file in which tensors are written.
 */
export function randomStream(seed: number, name: string): RandomStream {
  const next = xoshiro128(seedState(seed, name));
  return {
    fillUniform: (out, bound) => {
      // The half keeps the interval symmetric.
      for (let i = 0; i < out.length; i++) out[i] = ((next() + 0.5) * 2 ** -31 - 1) * bound;
    },
    fillNormal: (out, deviation) => {
      for (let i = 0; i < out.length; i += 2) {
        // (0, 1], because the logarithm of 0 is infinite.
        const radius = deviation * Math.sqrt(-2 * Math.log((next() + 1) * 2 ** -32));
        const angle = next() * (2 * Math.PI * 2 ** -32);
        out[i] = radius * Math.cos(angle);
        if (i + 1 < out.length) out[i + 1] = radius * Math.sin(angle);
      }
    },
    below: (bound) => {
      // A remainder favours small numbers unless what lies beyond the last whole multiple is drawn again.
      const usable = 2 ** 32 - (2 ** 32 % bound);
      let drawn = next();
      while (drawn >= usable) drawn = next();
      return drawn % bound;
    },
  };
}

/** Unsigned 32-bit numbers with period 2^128 - 1; the state must not be all zero. */
function xoshiro128(state: Uint32Array): () => number {
  let [a, b, c, d] = [state[0]!, state[1]!, state[2]!, state[3]!];
  return () => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return result;
  };
}

const rotateLeft = (x: number, bits: number): number => (x << bits) | (x >>> (32 - bits));

/** Four well-mixed words out of the seed's 53 bits and the name. */
function seedState(seed: number, name: string): Uint32Array {
  let hash = fnv1a(name) ^ mix(seed >>> 0) ^ Math.imul(mix(Math.floor(seed / 2 ** 32)), 0x9e3779b1);
  const state = Uint32Array.from({ length: 4 }, () => {
    hash = (hash + 0x9e3779b9) | 0;
    return mix(hash);
  });
  state[0]! |= 1;
  return state;
}

/** The 32-bit FNV-1a hash of the UTF-16 units. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/** The 32-bit finaliser of MurmurHash3: a bijection that spreads every bit. */
function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
