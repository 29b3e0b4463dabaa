import { register } from 'node:module';
import { pathToFileURL } from 'node:url';
import { ownModules } from './own-modules.ts';

/**
 * Imports a module of the user's, in TypeScript or JavaScript. Its `ricci/…` is the Ricci that runs now, so that what it
 * declares is of the same making. The hooks stay for what the module imports later.
 * @throws what the module throws, and what Node says of one that it cannot read
 */
export function importModule(file: string): Promise<object> {
  register(new URL('./hooks.mjs', import.meta.url), { data: ownModules() });
  return import(pathToFileURL(file).href);
}
