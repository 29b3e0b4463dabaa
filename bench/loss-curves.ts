// Compares the losses of two trainings at equal updates:
//   npx tsx bench/loss-curves.ts LOG.csv OTHER.csv
// Columns are named as in Ricci's own log.csv, or as in checkpoints/pldr-v51-shakespeare/loss_curve.csv.
import { readFileSync } from 'node:fs';

/** A loss by the update. */
type Curve = ReadonlyMap<number, number>;

/** How far apart two validation losses may lie for the one curve to follow the other. */
const NEAR = 0.03;

function curveIn(file: string, names: readonly string[]): Curve {
  const [head, ...rows] = readFileSync(file, 'utf8').trim().split('\n').map((line) => line.split(','));
  const at = head.findIndex((name) => names.includes(name));
  if (at < 0) throw new Error(`${file} has no column ${names.join(' or ')}.`);
  return new Map(rows.flatMap((row): (readonly [number, number])[] => {
    const value = Number(row[at] || NaN);
    return Number.isNaN(value) ? [] : [[Number(row[0]), value]];
  }));
}

function show(what: string, a: Curve, b: Curve): void {
  const apart = [...a].flatMap(([step, loss]) => {
    const other = b.get(step);
    return other === undefined ? [] : [loss - other];
  });
  const largest = apart.reduce((most, d) => Math.max(most, Math.abs(d)), 0);
  const mean = apart.reduce((total, d) => total + d, 0) / apart.length;
  const near = apart.filter((d) => Math.abs(d) <= NEAR).length;
  console.log(`${what}: ${near} of ${apart.length} within ${NEAR}; ${largest.toFixed(3)} apart at most, ${
    mean.toFixed(3)} above on average`);
  for (const curve of [a, b]) {
    const [step, loss] = [...curve].reduce((best, point) => (point[1] < best[1] ? point : best));
    console.log(`  lowest ${loss.toFixed(4)} after ${step} updates, last ${[...curve.values()].at(-1)?.toFixed(4)}`);
  }
}

const [file, other] = process.argv.slice(2);
if (file === undefined || other === undefined) throw new Error('Give two CSV files.');
show('validation', curveIn(file, ['validationLoss', 'val_loss']), curveIn(other, ['validationLoss', 'val_loss']));
show('training', curveIn(file, ['loss', 'train_loss']), curveIn(other, ['loss', 'train_loss']));
