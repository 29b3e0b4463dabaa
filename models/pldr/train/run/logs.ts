import { join } from 'node:path';
import type { TrainConfig } from '../config/schema.ts';
import { csvLog } from '../log/csv-log.ts';
import { jsonlLog } from '../log/jsonl-log.ts';
import type { MetricLog, MetricRow } from '../log/metric-log.ts';
import { tensorBoardLog } from '../log/tensorboard-log.ts';

const COLUMNS = ['learningRate', 'loss', 'accuracy', 'validationLoss', 'validationAccuracy', 'tokensPerSecond'];

/** The logs that a configuration asks for, in the training's folder, as one. */
export function openLogs({ log }: TrainConfig, folder: string, fromStep: number, now: () => number): MetricLog {
  const logs = [
    ...(log.csv ? [csvLog(join(folder, 'log.csv'), COLUMNS, fromStep)] : []),
    ...(log.jsonl ? [jsonlLog(join(folder, 'log.jsonl'), fromStep)] : []),
    ...(log.tensorboard ? [tensorBoardLog(join(folder, 'tensorboard'), fromStep, now)] : []),
  ];
  return {
    write: (row: MetricRow) => logs.forEach((l) => l.write(row)),
    close: () => logs.forEach((l) => l.close()),
  };
}
