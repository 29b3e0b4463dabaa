import type { Compiled } from '../../compiler/compile.ts';
import { encodeAll } from '../../compiler/encode.ts';

/**
 * Where compiled programs are kept between runs. Programs are plain data, so a store is any place for texts; it must
 * give back what was put under a key or nothing, and be emptied (or named anew) when the compiler changes.
 */
export interface ProgramStore {
  get(key: string): Promise<string | undefined>;
  put(key: string, text: string): Promise<void>;
}

/** Takes programs from the store, or makes them and puts them there, as devices run them. A damaged entry is made again. */
export async function storedPrograms(
  store: ProgramStore | undefined,
  key: string,
  make: () => Compiled,
): Promise<Compiled> {
  if (store === undefined) return encodeAll(make());
  const known = parse(await store.get(key));
  if (known !== undefined) return known;
  const made = encodeAll(make());
  await store.put(key, JSON.stringify(made));
  return made;
}

function parse(text: string | undefined): Compiled | undefined {
  if (text === undefined) return undefined;
  try {
    const value: Compiled = JSON.parse(text);
    return Array.isArray(value.programs) && value.programs.every((p) => p.format === 4) ? value : undefined;
  } catch {
    return undefined;
  }
}
