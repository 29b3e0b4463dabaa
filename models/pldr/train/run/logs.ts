import { join } from 'node:path';
import type { TrainConfig } from '../config/schema.ts';
import { csvLog } from '../log/csv-log.ts';
import { jsonlLog } from '../log/jsonl-log.ts';
import type { MetricRow } from '../log/metric-log.ts';
import { sampleMarkdown, type Sample } from '../log/sample.ts';
import { tensorBoardLog } from '../log/tensorboard-log.ts';

const COLUMNS = ['learningRate', 'loss', 'accuracy', 'validationLoss', 'validationAccuracy', 'tokensPerSecond'];

/** Where a training writes what it measures, and the texts of its model. */
export interface TrainingLogs {
  /** @throws RicciError `log/write-failed` */
  write(row: MetricRow): void;
  /** The texts of one step. @throws RicciError `log/write-failed` */
  writeSamples(samples: readonly Sample[]): void;
  close(): void;
}

/** The logs that a configuration asks for, in the training's folder, as one. */
export function openLogs(
  { log, sample }: TrainConfig, folder: string, fromStep: number, now: () => number,
): TrainingLogs {
  const board = log.tensorboard ? tensorBoardLog(join(folder, 'tensorboard'), fromStep, now) : undefined;
  const rows = [
    ...(log.csv ? [csvLog(join(folder, 'log.csv'), COLUMNS, fromStep)] : []),
    ...(log.jsonl ? [jsonlLog<MetricRow>(join(folder, 'log.jsonl'), fromStep)] : []),
    ...(board === undefined ? [] : [board]),
  ];
  const texts = log.jsonl && sample.every > 0 ? jsonlLog<Sample>(join(folder, 'samples.jsonl'), fromStep) : undefined;
  return {
    write: (row) => rows.forEach((l) => l.write(row)),
    writeSamples: (samples) => samples.forEach((written, i) => {
      texts?.write(written);
      board?.writeText(written.step, `sample/${i}`, sampleMarkdown(written));
    }),
    close: () => [...rows, ...(texts === undefined ? [] : [texts])].forEach((l) => l.close()),
  };
}
