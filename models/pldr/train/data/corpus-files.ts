import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { RicciError } from '../../../../dsl/errors.ts';
import { problemsError } from '../../../../runtime/safetensors/problems.ts';

/** What a file of texts looks like inside. */
export type CorpusFormat = 'text' | 'jsonl' | 'parquet';

export interface CorpusFile {
  readonly path: string;
  readonly format: CorpusFormat;
  /** In bytes, as it lies on disk. */
  readonly size: number;
  /** When it was last written, in milliseconds since 1970. */
  readonly modified: number;
}

const FORMATS: Readonly<Record<string, CorpusFormat>> = {
  '.txt': 'text',
  '.text': 'text',
  '.md': 'text',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.json': 'jsonl',
  '.parquet': 'parquet',
};

/** The format that a name says, with `.gz` after it or not; undefined where it says none. */
export const formatOfName = (path: string): CorpusFormat | undefined =>
  FORMATS[extname(path.replace(/\.gz$/i, '')).toLowerCase()];

/**
 * The files of a corpus in the order in which they are read. A folder stands for all files below it whose names say a
 * format, sorted by path, so that the order is the same on every machine.
 * @param format of every file; `auto` goes by each name
 * @throws RicciError `data/no-files`; `data/files` with every path that is missing or says no format
 */
export async function corpusFiles(
  paths: readonly string[],
  format: CorpusFormat | 'auto' = 'auto',
): Promise<readonly CorpusFile[]> {
  const problems: string[] = [];
  const files: CorpusFile[] = [];
  for (const path of paths) {
    for (const file of await filesAt(path, problems)) {
      const is = format === 'auto' ? formatOfName(file) : format;
      const { size, mtimeMs } = await stat(file);
      if (is !== undefined) files.push({ path: file, format: is, size, modified: mtimeMs });
      else problems.push(`the name of ${file} says no format; known are ${Object.keys(FORMATS).join(', ')}`);
    }
  }
  if (problems.length > 0) throw unusable(problems);
  if (files.length === 0) throw noFiles(paths);
  return files;
}

/** The file itself, or what a folder stands for. */
async function filesAt(path: string, problems: string[]): Promise<readonly string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return [path];
  if (!found?.isDirectory()) {
    problems.push(found === undefined ? `${path} does not exist` : `${path} is neither a file nor a folder`);
    return [];
  }
  const below = await readdir(path, { recursive: true, withFileTypes: true });
  const names = below.filter((entry) => entry.isFile() && formatOfName(entry.name) !== undefined);
  return names.map((entry) => join(entry.parentPath, entry.name)).sort(byCodeUnits);
}

/** Not by locale: that would make the order of the documents depend on the machine. */
const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const unusable = (problems: readonly string[]): RicciError =>
  problemsError({
    code: 'data/files',
    subject: 'The corpus cannot be read',
    problems,
    hint: 'Correct the paths, or say the format of files whose names do not.',
  });

const noFiles = (paths: readonly string[]): RicciError =>
  new RicciError({
    code: 'data/no-files',
    message: paths.length === 0 ? 'No file was given to train on.' : `There is no text below ${paths.join(', ')}.`,
    hint: 'Give text files, JSON Lines or Parquet files, or folders with such files.',
  });
