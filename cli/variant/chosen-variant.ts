import type { Variant } from '../../models/pldr/index.ts';
import type { Io } from '../io.ts';
import { loadVariant } from './load-variant.ts';

/** The variant of a `--variant FILE`; none where none is given. @throws as `loadVariant` */
export const chosenVariant = (io: Io, file: string | undefined): Promise<Variant | undefined> =>
  (file === undefined ? Promise.resolve(undefined) : loadVariant(io, file));
