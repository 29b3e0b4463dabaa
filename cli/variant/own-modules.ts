import { extname } from 'node:path';

/** Ricci's modules by the names under which a program imports them. */
const ENTRIES = {
  'ricci/dsl': 'dsl/index',
  'ricci/compiler': 'compiler/index',
  'ricci/runtime': 'runtime/index',
  'ricci/pldr': 'models/pldr/index',
  'ricci/train': 'models/pldr/train/index',
  'ricci/verify': 'verify/index',
} as const;

/** Addresses of the modules that run now: of the built ones, or of their sources. */
export function ownModules(): Readonly<Record<string, string>> {
  const extension = extname(new URL(import.meta.url).pathname);
  return Object.fromEntries(Object.entries(ENTRIES).map(([name, path]) =>
    [name, new URL(`../../${path}${extension}`, import.meta.url).href]));
}
