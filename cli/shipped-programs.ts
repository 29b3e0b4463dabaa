import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { digest } from '../dsl/digest.ts';
import { PldrModel, type ProgramStore } from '../models/pldr/index.ts';
import { openCpu } from '../runtime/open.ts';
import { bundledModel } from './package-root.ts';

/** Beside the built modules, and so gone with them; there is none beside the sources. */
const FOLDER = join(dirname(dirname(fileURLToPath(import.meta.url))), 'programs');

const fileOf = (key: string): string => join(FOLDER, `${digest(key)}.json`);

/** A store that also finds the programs that were compiled when the package was built. */
export const withShipped = (store: ProgramStore): ProgramStore => ({
  get: async (key) => (await store.get(key)) ?? readFile(fileOf(key), 'utf8').catch(() => undefined),
  put: (key, text) => store.put(key, text),
});

/** Compiles the bundled checkpoint's programs for the CPU and keeps them beside the built modules. */
export async function shipPrograms(): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const device = await openCpu({ threads: 1 });
  const store: ProgramStore = { get: () => Promise.resolve(undefined), put: (key, text) => writeFile(fileOf(key), text) };
  try {
    (await PldrModel.load(bundledModel(), device, { store })).close();
  } finally {
    device.close();
  }
}
