import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { RicciError } from '../../../../dsl/errors.ts';
import { showJson, type JsonObject } from '../../../../runtime/safetensors/json.ts';

/** What the reader asks of a file. */
interface ByteRanges {
  readonly byteLength: number;
  slice(start: number, end?: number): Promise<ArrayBuffer>;
}

/**
 * The texts of one column of a Parquet file, a row group at a time. Rows without a text are left out.
 * @throws RicciError `data/not-parquet`, `data/key`, `data/unreadable`
 */
export async function* readParquet(path: string, column: string): AsyncGenerator<string> {
  for await (const { value: values, row } of readParquetRows(path, [column])) {
    const value = values[column];
    if (typeof value === 'string') yield value;
    else if (value !== null && value !== undefined) throw notText(path, column, row, value);
  }
}

/**
 * The rows of a Parquet file, of which some columns are read. Throws as `readParquet`.
 * @param optional columns that are read too where they are there
 */
export async function* readParquetRows(
  path: string, columns: readonly string[], optional: readonly string[] = [],
): AsyncGenerator<ParquetRow> {
  const handle = await open(path, 'r').catch((cause: unknown) => {
    throw notParquet(path, 'data/unreadable', cause);
  });
  try {
    const groups = await openGroups(handle, path, columns, optional);
    for (let i = 0; i < groups.count; i++) {
      const values = await groups.read(i);
      for (const [at, value] of values.entries()) yield { value, row: groups.firstRow(i) + at };
    }
  } finally {
    await handle.close();
  }
}

export interface ParquetRow {
  /** By column. */
  readonly value: JsonObject;
  /** Its number in the file, from 0. */
  readonly row: number;
}

interface Groups {
  readonly count: number;
  firstRow(group: number): number;
  read(group: number): Promise<readonly JsonObject[]>;
}

async function openGroups(
  handle: FileHandle, path: string, wanted: readonly string[], optional: readonly string[],
): Promise<Groups> {
  // Loaded here, so that whoever reads no Parquet pays nothing for it.
  const [{ parquetMetadataAsync, parquetReadObjects, parquetSchema }, { compressors }] = await Promise.all([
    import('hyparquet'),
    import('hyparquet-compressors'),
  ]);
  const file = byteRanges(handle, (await handle.stat()).size);
  const metadata = await parquetMetadataAsync(file).catch((cause: unknown) => {
    throw notParquet(path, 'data/not-parquet', cause);
  });
  const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
  const missing = wanted.find((column) => !columns.includes(column));
  if (missing !== undefined) throw noColumn(path, missing, columns);
  const reads = [...wanted, ...optional.filter((column) => columns.includes(column))];
  const ends: number[] = [];
  for (const { num_rows } of metadata.row_groups) ends.push((ends.at(-1) ?? 0) + Number(num_rows));
  const firstRow = (group: number): number => ends[group - 1] ?? 0;
  const read = async (group: number): Promise<readonly JsonObject[]> => {
    const span = { rowStart: firstRow(group), rowEnd: ends[group]! };
    return parquetReadObjects({ file, metadata, columns: reads, compressors, ...span }).catch((cause: unknown) => {
      throw notParquet(path, 'data/not-parquet', cause);
    });
  };
  return { count: ends.length, firstRow, read };
}

const byteRanges = (handle: FileHandle, byteLength: number): ByteRanges => ({
  byteLength,
  slice: async (start, end = byteLength) => {
    const target = new Uint8Array(end - start);
    let done = 0;
    while (done < target.length) {
      const { bytesRead } = await handle.read(target, done, target.length - done, start + done);
      if (bytesRead === 0) throw new Error(`it ends at byte ${start + done}`);
      done += bytesRead;
    }
    return target.buffer;
  },
});

function notParquet(path: string, code: 'data/not-parquet' | 'data/unreadable', cause: unknown): RicciError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const hint = 'Download the file again, or write it again.';
  return new RicciError({ code, message: `${path} cannot be read as Parquet: ${reason}.`, hint, cause });
}

const noColumn = (path: string, column: string, columns: readonly string[]): RicciError =>
  new RicciError({
    code: 'data/key',
    message: `${path} has no column ${showJson(column)}.`,
    hint: `Its columns are ${columns.map(showJson).join(', ')}.`,
  });

const notText = (path: string, column: string, row: number, value: unknown): RicciError =>
  new RicciError({
    code: 'data/key',
    // JSON knows no integers of 64 bits.
    message: `Row ${row} of ${path} holds ${typeof value === 'bigint' ? value : showJson(value)} in ${column}.`,
    hint: 'Name a column of texts.',
  });
