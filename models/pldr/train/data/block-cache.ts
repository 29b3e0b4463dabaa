/** Reads of a file that remember the blocks they came from. */
export interface BlockCache {
  /** The bytes [from, from + target.length). */
  read(from: number, target: Uint8Array): Promise<void>;
}

/**
 * Keeps the blocks that were used last.
 * @param load the bytes of one block; the last one of a file may be shorter
 * @param blockBytes size of a block
 * @param capacity most blocks that are kept
 */
export function blockCache(
  load: (block: number) => Promise<Uint8Array>,
  blockBytes: number,
  capacity: number,
): BlockCache {
  // A Map gives back its keys in the order in which they were set: the first is the one not used for longest.
  const blocks = new Map<number, Promise<Uint8Array>>();
  const blockAt = (index: number): Promise<Uint8Array> => {
    const block = blocks.get(index) ?? load(index);
    blocks.delete(index);
    blocks.set(index, block);
    if (blocks.size > capacity) blocks.delete(blocks.keys().next().value!);
    // A read that failed once is tried again.
    block.catch(() => blocks.delete(index));
    return block;
  };
  return {
    read: async (from, target) => {
      for (let done = 0; done < target.length; ) {
        const index = Math.floor((from + done) / blockBytes);
        const bytes = (await blockAt(index)).subarray(from + done - index * blockBytes);
        const part = bytes.subarray(0, target.length - done);
        target.set(part, done);
        done += part.length;
      }
    },
  };
}
