#!/usr/bin/env node
import { setUpEngine } from '../scripts/engine.mjs';
import { loadModule, NotInstalledError } from '../scripts/load.mjs';

setUpEngine();
try {
  const { main } = await loadModule('cli/main');
  process.exitCode = await main(process.argv.slice(2));
} catch (thrown) {
  if (!(thrown instanceof NotInstalledError)) throw thrown;
  process.stderr.write(`ricci: ${thrown.message}\n`);
  process.exitCode = 1;
}
