// Plants known faults one at a time in a copy of the sources, and says which laws find each:
//   npx tsx test/faults/plant.ts
// Prints a table, and fails where a fault is found by none or a law does not hold without any.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FAULTS, type Fault } from './faults.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COPIED = ['dsl', 'compiler', 'runtime', 'models', 'verify', 'scripts', 'test', 'package.json', 'tsconfig.json'];

type Asked = Readonly<Record<string, boolean>>;

function askLaws(folder: string): Asked {
  const tsx = join(ROOT, 'node_modules', 'tsx', 'dist', 'cli.mjs');
  const out = execFileSync(process.execPath, [tsx, join('test', 'faults', 'ask-laws.ts')], {
    cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(out.trimEnd().split('\n').at(-1) ?? '{}');
}

/** The laws' answers with the fault in its place. @throws Error where the file has changed and the fault has no place */
function withFault(folder: string, { name, file, from, to }: Fault): Asked {
  const path = join(folder, file);
  const right = readFileSync(path, 'utf8');
  if (right.split(from).length !== 2) throw new Error(`${name}: its text must stand in ${file} once:\n${from}`);
  writeFileSync(path, right.replace(from, () => to));
  try {
    return askLaws(folder);
  } finally {
    writeFileSync(path, right);
  }
}

function main(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'ricci-faults-'));
  try {
    for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const right = askLaws(folder);
    const laws = Object.keys(right);
    const rows: string[] = [`| fault | ${laws.join(' | ')} |`, `|---|${laws.map(() => '---|').join('')}`];
    const row = (name: string, asked: Asked): string =>
      `| ${name} | ${laws.map((l) => (asked[l] ? '' : 'found')).join(' | ')} |`;
    rows.push(row('none', right));
    let isComplete = laws.every((l) => right[l]);
    for (const fault of FAULTS) {
      const asked = withFault(folder, fault);
      rows.push(row(fault.name, asked));
      isComplete &&= laws.some((l) => !asked[l]);
    }
    process.stdout.write(`${rows.join('\n')}\n`);
    return isComplete;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = main() ? 0 : 1;
