import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { RicciError } from '../../dsl/errors.ts';
import type { Variant } from '../../models/pldr/index.ts';
import type { Io } from '../io.ts';
import { firstPlaceIn } from './stack-place.ts';

/**
 * Loads a way of making G from a file of the user's: a module, in TypeScript or JavaScript, whose default export is a
 * `Variant`.
 *
 *     import { dot, mul, rename } from 'ricci/dsl';
 *     import { powerLawOperator, type Variant } from 'ricci/pldr';
 *     const fromKeys: Variant = (input) => …;
 *     export default fromKeys;
 *
 * @throws `variant/read`, `variant/types` with TypeScript's own words, `variant/no-function`; `variant/failed` with the
 * line where the file, or later the variant, has thrown
 */
export async function loadVariant(io: Pick<Io, 'importModule'>, path: string): Promise<Variant> {
  const file = resolve(path);
  await access(file).catch((cause: unknown) => { throw unreadable(path, cause); });
  if (/\.m?ts$/.test(file)) await checkTypes(file);
  const module = await io.importModule(file).catch((thrown: unknown) => { throw failed(file, 'it was loaded', thrown); });
  const variant: unknown = 'default' in module ? module.default : undefined;
  if (!isFunction(variant)) throw noFunction(path, variant);
  return (input) => {
    try {
      return variant(input);
    } catch (thrown) {
      throw failed(file, `it made G of layer ${input.layer}`, thrown);
    }
  };
}

/** A file's types were checked, where it has any; what a variant makes is checked again where it is used. */
const isFunction = (value: unknown): value is Variant => typeof value === 'function';

async function checkTypes(file: string): Promise<void> {
  // Loaded here: the compiler would slow the start of all commands.
  const { typeProblems } = await import('./type-problems.ts');
  const problems = typeProblems(file);
  if (problems.length === 0) return;
  throw new RicciError({
    code: 'variant/types',
    message: `The variant does not type-check:\n\n${problems.join('\n\n')}\n`,
    hint: 'Its default export is a Variant of ricci/pldr: (input) => ({ G }), or undefined for the identity.',
  });
}

function failed(file: string, during: string, thrown: unknown): RicciError {
  const own = thrown instanceof RicciError ? thrown : undefined;
  const said = own?.sentence ?? (thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown));
  return new RicciError({
    code: 'variant/failed',
    message: `The variant threw while ${during}: ${said}`,
    ...(own?.hint === undefined ? {} : { hint: own.hint }),
    // What Ricci refuses may have been made by a function of Ricci: the user's line is the one that called it.
    place: own?.place?.file === file ? own.place : firstPlaceIn(file, thrown) ?? own?.place,
    cause: thrown,
  });
}

const unreadable = (path: string, cause: unknown): RicciError => new RicciError({
  code: 'variant/read',
  message: `${path} could not be read: ${cause instanceof Error ? cause.message : String(cause)}`,
  hint: 'Give the file of a module whose default export is a variant.',
});

const noFunction = (path: string, found: unknown): RicciError => new RicciError({
  code: 'variant/no-function',
  message: `The default export of ${path} is ${found === undefined ? 'missing' : `a ${typeof found}, no function`}.`,
  hint: 'Write `export default variant;`, where variant is (input) => ({ G }).',
});
