import type { Dense } from '../../compiler/interpret/dense.ts';
import type { Environment } from '../../compiler/interpret/interpret.ts';
import { scaleName, type StorageOf } from '../../compiler/passes/narrow.ts';
import { bf16Words, f16Words, quantized } from '../../runtime/narrow.ts';
import { widenBf16, widenF16 } from '../../runtime/safetensors/half.ts';

/** The weights of an environment as a device keeps them, with the scales of those that are integers. */
export function narrowed(env: Environment, storage: StorageOf): Environment {
  const kept = Object.entries(env.parameters ?? {}).flatMap(([name, x]) => keptAs(name, x, storage));
  return { ...env, parameters: Object.fromEntries(kept) };
}

function keptAs(name: string, x: Dense, storage: StorageOf): readonly (readonly [string, Dense])[] {
  const data = Float32Array.from(x.data);
  switch (storage(name)) {
    case 'bf16': return [[name, { ...x, data: Float64Array.from(widened(bf16Words(data), data.length)) }]];
    case 'f16': return [[name, { ...x, data: Float64Array.from(widened(f16Words(data), data.length, widenF16)) }]];
    case 'int8': {
      const { integers, scales } = quantized(data, x.sizes.at(-1) ?? 1);
      const scale: Dense = {
        names: x.names.slice(0, -1), sizes: x.sizes.slice(0, -1), data: Float64Array.from(scales),
      };
      return [[name, { ...x, data: Float64Array.from(integersOf(integers, data.length)) }], [scaleName(name), scale]];
    }
    default: return [[name, x]];
  }
}

export const integersOf = (words: Uint32Array, count: number): Int8Array => new Int8Array(words.buffer, 0, count);

export function widened(words: Uint32Array, count: number, widen = widenBf16): Float32Array {
  const wide = new Float32Array(count);
  widen(new Uint16Array(words.buffer, 0, count), wide);
  return wide;
}

