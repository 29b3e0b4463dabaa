import type { ProgramStore } from '../../../models/pldr/index.ts';

/** Compiled programs as they lie on a disk, without the disk: a second load finds what the first one compiled. */
export function memoryPrograms(): ProgramStore {
  const texts = new Map<string, string>();
  return {
    get: async (key) => texts.get(key),
    async put(key, text) {
      texts.set(key, text);
    },
  };
}
