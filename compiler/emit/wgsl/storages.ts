import type { Storage } from '../../../dsl/node.ts';
import { STORED_BYTES } from '../../program.ts';
import { atom, within, type Text } from './operators.ts';
import type { Slot, Width } from './slots.ts';

/*
 * Loads of values however they are kept. A number of fewer than 32 bits is unpacked from a word of a u32 array by
 * functions of `helpers.ts`: none needs a feature of the device, not even f16.
 */

const WORD_BYTES = 4;

/** Words that hold four entries side by side. */
export const wordsOfFour = (storage: Storage): Width => {
  const words = STORED_BYTES[storage];
  if (words === 1 || words === 2 || words === 4) return words;
  throw new Error(`emit: ${words} bytes in an entry`);
};

const over = (t: Text, n: number): Text => (n === 1 ? t : { code: `${within(t, 6)} / ${n}`, strength: 6 });

const rest = (t: Text, n: number): Text => ({ code: `${within(t, 6)} % ${n}`, strength: 6 });

/** One entry. `index` counts entries. */
export function loadedOne(slot: Slot, index: Text): Text {
  const word = wordAt(slot, over(index, WORD_BYTES / STORED_BYTES[slot.storage]));
  if (!slot.bits) return word;
  switch (slot.storage) {
    case 'f32': return atom(`bitcast<${slot.type}>(${word.code})`);
    case 'bf16': case 'f16': case 'int8': return atom(`${slot.storage}_at(${word.code}, ${index.code})`);
    case 'int16': throw unread();
  }
}

/** Four entries side by side, of which the first is the `first`, a multiple of four. */
export function loadedFour(slot: Slot, first: Text): Text {
  const words = wordsAt(slot, over(first, WORD_BYTES / STORED_BYTES[slot.storage]), wordsOfFour(slot.storage));
  if (!slot.bits) return words;
  switch (slot.storage) {
    case 'f32': return atom(`bitcast<vec4<f32>>(${words.code})`);
    case 'bf16': case 'f16': case 'int8': return atom(`four_${slot.storage}(${words.code})`);
    case 'int16': throw unread();
  }
}

/** The element of an array of vectors that holds the `first` of four entries. */
export const elementOf = ({ variable, width }: Slot, first: Text): Text => atom(`${variable}[${over(first, width).code}]`);

/** A word of an array. `at` counts words. */
function wordAt({ variable, width }: Slot, at: Text): Text {
  if (width === 1) return atom(`${variable}[${at.code}]`);
  return atom(`${variable}[${over(at, width).code}][${rest(at, width).code}]`);
}

/** So many neighbouring words, which begin at a multiple of their number. */
function wordsAt(slot: Slot, at: Text, count: Width): Text {
  if (count === 1) return wordAt(slot, at);
  if (slot.width === count) return atom(`${slot.variable}[${over(at, count).code}]`);
  const words = Array.from({ length: count }, (_, i) =>
    wordAt(slot, i === 0 ? at : { code: `${at.code} + ${i}`, strength: 5 }));
  return atom(`vec${count}<u32>(${words.map((w) => w.code).join(', ')})`);
}

const unread = (): Error => new Error('emit: no kernel for WebGPU reads integers of 16 bits');
