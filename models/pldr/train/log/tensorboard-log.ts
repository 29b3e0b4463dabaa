import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { attemptWrite } from './attempt-write.ts';
import { eventRecord } from './event-file.ts';
import type { TensorBoardEvent } from './event-file.ts';
import type { MetricLog } from './metric-log.ts';

export interface TensorBoardLog extends MetricLog {
  /** Markdown under a tag. @throws RicciError `log/write-failed` */
  writeText(step: number, tag: string, text: string): void;
}

/**
 * A new event file in a folder that TensorBoard reads. One that goes on from a step says so in its second record, and
 * TensorBoard leaves out what earlier files of the folder say of later steps.
 * @param fromStep the last step that is kept; 0 for a training from the start
 * @param now seconds since 1970
 * @throws RicciError `log/write-failed`
 */
export function tensorBoardLog(
  folder: string,
  fromStep: number,
  now: () => number = () => Date.now() / 1000,
): TensorBoardLog {
  // The place in the name is where TensorBoard looks for the time, and sorts files by it.
  const time = String(Math.floor(now())).padStart(10, '0');
  const path = join(folder, `events.out.tfevents.${time}.${hostname()}.${process.pid}`);
  const file = attemptWrite(path, () => {
    mkdirSync(folder, { recursive: true });
    return openSync(path, 'a');
  });
  const append = (event: TensorBoardEvent): void => attemptWrite(path, () => writeFileSync(file, eventRecord(event)));
  append({ wallTime: now(), content: { kind: 'version' } });
  if (fromStep > 0) append({ wallTime: now(), step: fromStep + 1, content: { kind: 'restart' } });
  return {
    write: ({ step, ...values }) => append({ wallTime: now(), step, content: { kind: 'scalars', values } }),
    writeText: (step, tag, text) => append({ wallTime: now(), step, content: { kind: 'text', tag, text } }),
    close: () => closeSync(file),
  };
}
