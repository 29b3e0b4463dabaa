/**
 * A hook that gives Node the modules of packages as they are. tsx reads through every module that it meets, which takes
 * seconds for large ones.
 */
import { readFile } from 'node:fs/promises';

export async function load(url, context, next) {
  if (context.format !== 'module' || !/\/node_modules\/.*\.m?js$/.test(url)) return next(url, context);
  return { format: 'module', source: await readFile(new URL(url)), shortCircuit: true };
}
