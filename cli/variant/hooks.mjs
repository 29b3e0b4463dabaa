/*
 * Module hooks for programs of the user: `ricci/…` is the Ricci that runs, wherever the file lies, and types are blanked
 * out, so that every position in a stack is one in the user's file. Node runs hooks in a thread of their own.
 */
import tsBlankSpace from 'ts-blank-space';

/** @type {Readonly<Record<string, string>>} addresses of Ricci's own modules by `ricci/…` */
let own = {};

/** @param {Readonly<Record<string, string>>} entries */
export function initialize(entries) {
  own = entries;
}

/** @type {import('node:module').ResolveHook} */
export function resolve(specifier, context, next) {
  const url = own[specifier];
  return url === undefined ? next(specifier, context) : { url, shortCircuit: true };
}

/** @type {import('node:module').LoadHook} */
export async function load(url, context, next) {
  if (!/\.m?ts(\?.*)?$/.test(url)) return next(url, context);
  const { source } = await next(url, { ...context, format: 'module' });
  return { format: 'module', shortCircuit: true, source: tsBlankSpace(String(source)) };
}
