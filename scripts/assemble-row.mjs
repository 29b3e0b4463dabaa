/** Assembles the CPU sampler's WebAssembly text: `node scripts/assemble-row.mjs` after every change of it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import binaryen from 'binaryen';
import { ROOT } from './load.mjs';

const FOLDER = join(ROOT, 'runtime', 'cpu', 'sampling');

/** @returns {string} the text of row-module.ts */
export function assembledRow() {
  const module = binaryen.parseText(readFileSync(join(FOLDER, 'row.wat'), 'utf8'));
  module.setFeatures(binaryen.Features.All);
  if (!module.validate()) throw new Error('row.wat is not valid');
  binaryen.setOptimizeLevel(3);
  module.optimize();
  const lines = Buffer.from(module.emitBinary()).toString('base64').match(/.{1,110}/g);
  module.dispose();
  return [
    '/** row.wat, assembled by scripts/assemble-row.mjs; in base64. */',
    'export const ROW_MODULE = [',
    ...lines.map((line) => `  '${line}',`),
    "].join('');",
    '',
  ].join('\n');
}

if (process.argv[1] === import.meta.filename) writeFileSync(join(FOLDER, 'row-module.ts'), assembledRow());
