/**
 * npm runs this after installing in a clone: builds `dist/`, which starts faster and in less memory than the sources do
 * through tsx (no TypeScript compiler is loaded), and compiles the bundled checkpoint's programs ahead. A build that
 * cannot be made stops no one: the sources still run.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setUpEngine } from './engine.mjs';
import { ROOT } from './load.mjs';
import { run, say } from './setup/run.mjs';

try {
  const tsdown = dirname(createRequire(import.meta.url).resolve('tsdown/package.json'));
  run(process.execPath, [join(tsdown, 'dist', 'run.mjs'), '--logLevel', 'error'], { cwd: ROOT });
  setUpEngine(); // programs are for the engine as the command sets it up
  const { shipPrograms } = await import(pathToFileURL(join(ROOT, 'dist', 'cli', 'shipped-programs.mjs')).href);
  await shipPrograms();
} catch (thrown) {
  say(`not built, so the sources run through tsx: ${thrown.message.split('\n')[0]}`);
}
