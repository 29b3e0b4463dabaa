import { isJsonObject } from '../../../../runtime/safetensors/json.ts';
import { lineLog } from './metric-log.ts';
import type { MetricLog, MetricRow } from './metric-log.ts';

/**
 * A JSON object on each line, with the row's numbers by name. JSON has no infinities: those are the texts "NaN",
 * "Infinity" and "-Infinity".
 * @param fromStep the last step that is kept of a file that is there; 0 for a training from the start
 * @throws RicciError `log/write-failed`
 */
export const jsonlLog = (path: string, fromStep: number): MetricLog =>
  lineLog(path, { header: undefined, stepOf, show }, fromStep);

function stepOf(line: string): number | undefined {
  try {
    const row: unknown = JSON.parse(line);
    return isJsonObject(row) && typeof row['step'] === 'number' ? row['step'] : undefined;
  } catch {
    return undefined;
  }
}

const show = (row: MetricRow): string =>
  JSON.stringify(row, (_key, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
