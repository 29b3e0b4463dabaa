/** The lint of the import rule: prints each violation as `file:line`, and fails when there is one. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importViolations } from './import-rule.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const SKIPPED = new Set(['node_modules', 'dist', 'coverage', '.git']);

/** @returns {string[]} paths of all source files below a folder */
function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.m?[jt]s$/.test(entry.name) ? [path] : [];
  });
}

const files = sources(ROOT).map((path) => {
  return { path: relative(ROOT, path).split(sep).join('/'), text: readFileSync(path, 'utf8') };
});
const violations = importViolations(files);
for (const { path, line, imported, rule } of violations)
  console.error(`${path}:${line}: imports "${imported}": ${rule}`);
console.log(`${files.length} files, ${violations.length} violations of the import rule`);
process.exitCode = violations.length === 0 ? 0 : 1;
