import { isJsonObject } from '../../../../runtime/safetensors/json.ts';
import { lineLog } from './metric-log.ts';
import type { RowLog } from './metric-log.ts';

/**
 * A JSON object on each line, with what a row holds by name. JSON has no infinities: those are the texts "NaN",
 * "Infinity" and "-Infinity".
 * @param fromStep the last step that is kept of a file that is there; 0 for a training from the start
 * @throws RicciError `log/write-failed`
 */
export const jsonlLog = <Row extends { readonly step: number }>(path: string, fromStep: number): RowLog<Row> =>
  lineLog<Row>(path, { header: undefined, stepOf, show }, fromStep);

function stepOf(line: string): number | undefined {
  try {
    const row: unknown = JSON.parse(line);
    return isJsonObject(row) && typeof row['step'] === 'number' ? row['step'] : undefined;
  } catch {
    return undefined;
  }
}

const show = (row: unknown): string =>
  JSON.stringify(row, (_key, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
