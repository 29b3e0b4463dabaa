import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvLog } from '../../../../models/pldr/train/log/csv-log.ts';
import { jsonlLog } from '../../../../models/pldr/train/log/jsonl-log.ts';
import type { MetricLog, MetricRow } from '../../../../models/pldr/train/log/metric-log.ts';
import { errorOf, temporaryFolder } from '../../../weights/support.ts';

const folder = temporaryFolder();
const fresh = (): string => join(mkdtempSync(join(folder, 'log-')), 'log');
const COLUMNS = ['loss', 'validation loss'];
const KINDS: Readonly<Record<string, (path: string, fromStep: number) => MetricLog>> = {
  csv: (path, fromStep) => csvLog(path, COLUMNS, fromStep),
  jsonl: jsonlLog,
};

/** Writes rows as a training does that was killed and resumed: from `fromStep` on. */
function writeRows(log: MetricLog, rows: readonly MetricRow[]): void {
  for (const row of rows) log.write(row);
  log.close();
}

const rowAt = (step: number): MetricRow => ({ step, loss: Math.fround(Math.sin(step)) });

describe.each(Object.entries(KINDS))('%s', (_kind, open) => {
  it('reads as if it had been written in one go, wherever it was cut and taken up again', () => {
    const total = fc.integer({ min: 1, max: 15 });
    const cases = fc.record({ total, reached: fc.nat(15), resumed: fc.nat(15), torn: fc.nat(40) });
    fc.assert(
      fc.property(cases, ({ total: rows, reached, resumed, torn }) => {
        const steps = Array.from({ length: rows }, (_, i) => (i + 1) * 3);
        const whole = fresh();
        writeRows(open(whole, 0), steps.map(rowAt));
        const cut = fresh();
        writeRows(open(cut, 0), steps.slice(0, reached).map(rowAt));
        // The line that the killed process was writing.
        const line = readFileSync(whole, 'utf8').split('\n').at(-2)!;
        appendFileSync(cut, line.slice(0, Math.min(torn, line.length)));
        const fromStep = steps[Math.min(resumed, reached, rows) - 1] ?? 0;
        writeRows(open(cut, fromStep), steps.filter((step) => step > fromStep).map(rowAt));
        expect(readFileSync(cut, 'utf8')).toBe(readFileSync(whole, 'utf8'));
      }),
    );
  });

  it('has a row in the file as soon as it is written', () => {
    const path = fresh();
    const log = open(path, 0);
    log.write(rowAt(1));
    expect(readFileSync(path, 'utf8')).toMatch(/0\.84147[^\n]*\n$/);
    log.close();
  });

  it('begins anew at step 0', () => {
    const path = fresh();
    writeRows(open(path, 0), [rowAt(1)]);
    writeRows(open(path, 0), [rowAt(2)]);
    expect(readFileSync(path, 'utf8')).not.toContain(String(rowAt(1).loss));
  });
});

describe('formats', () => {
  const rows: readonly MetricRow[] = [
    { step: 1, loss: NaN, 'validation loss': 0.1 },
    { step: 2, loss: -Infinity },
    { step: 3, 'validation loss': Infinity, loss: 1e-30 },
  ];

  it('a table has its columns in order, and empty places', () => {
    const path = fresh();
    writeRows(csvLog(path, COLUMNS, 0), rows);
    expect(readFileSync(path, 'utf8')).toBe('step,loss,validation loss\n1,nan,0.1\n2,-inf,\n3,1e-30,inf\n');
  });

  it('JSON Lines are objects, infinities texts', () => {
    const path = fresh();
    writeRows(jsonlLog(path, 0), rows);
    expect(readFileSync(path, 'utf8').split('\n').slice(0, 3).map((line) => JSON.parse(line))).toEqual([
      { step: 1, loss: 'NaN', 'validation loss': 0.1 },
      { step: 2, loss: '-Infinity' },
      { step: 3, 'validation loss': 'Infinity', loss: 1e-30 },
    ]);
  });
});

describe('errors', () => {
  it('say which columns are there, and leave the file alone', async () => {
    const path = fresh();
    writeFileSync(path, 'step,other\n1,2\n');
    const error = await errorOf(() => csvLog(path, COLUMNS, 1));
    expect(error.code).toBe('log/header');
    expect(error.message).toContain('begins with "step,other", and would go on with "step,loss,validation loss"');
    expect(readFileSync(path, 'utf8')).toBe('step,other\n1,2\n');
  });

  it('name a file that cannot be written', async () => {
    expect((await errorOf(() => jsonlLog(join(folder, 'none', 'log'), 0))).code).toBe('log/write-failed');
  });
});
