import { RicciError } from '../../dsl/errors.ts';
import { DTYPE_BYTES, elementCount, isFileDtype } from './dtype.ts';
import { duplicateKeys } from './duplicates.ts';
import type { TensorEntry, TensorFile } from './entry.ts';
import { isJsonObject, showJson } from './json.ts';
import type { JsonObject } from './json.ts';
import { problemsError } from './problems.ts';

/** The bytes that a header describes. */
export interface DataSection {
  readonly file: string;
  /** Absolute byte offset of the tensor data in the file. */
  readonly start: number;
  /** Bytes from `start` to the end of the file. */
  readonly bytes: number;
}

interface Span {
  readonly name: string;
  readonly begin: number;
  readonly end: number;
}

const REPAIR = 'The file is damaged or was written by a faulty program: download or write it again.';

/**
 * Reads a safetensors header (format: JSON object of name → {dtype, shape, data_offsets}, plus `__metadata__`).
 * The data must be covered exactly: no overlap, no hole, no rest.
 * @throws RicciError `weights/header-not-json`, `weights/truncated`, or `weights/header` with every problem found
 */
export function parseHeader(text: string, data: DataSection): TensorFile {
  const header = parseObject(text, data.file);
  const problems = duplicateKeys(text).map((key) => `the name ${showJson(key)} occurs twice`);
  const metadata = readMetadata(header, problems);
  const tensors = Object.entries(header).filter(([name]) => name !== '__metadata__');
  const spans = tensors.map(([name, value]) => readSpan(name, value, problems));
  const entries = tensors.map(([name, value], i) => readEntry(name, value, spans[i], data, problems));
  const whole = spans.filter((span) => span !== undefined);
  // With an unreadable span every neighbour would look like a hole.
  if (whole.length === spans.length) problems.push(...coverageProblems(whole, data.bytes));
  const lacking = whole.reduce((most, span) => Math.max(most, span.end), 0) - data.bytes;
  if (lacking > 0) problems.push(`${lacking} bytes of tensor data are missing at the end of the file`);
  if (problems.length > 0) {
    // Code by cause: a download that broke off has exactly this one problem.
    const code = lacking > 0 && problems.length === 1 ? 'weights/truncated' : 'weights/header';
    throw problemsError({ code, subject: `${data.file} is not a valid safetensors file`, problems, hint: REPAIR });
  }
  // An empty tensor shares its offset with the next one: it comes first, as its bytes do.
  const ordered = entries.filter((entry) => entry !== undefined);
  ordered.sort((a, b) => a.start - b.start || a.bytes - b.bytes);
  return { tensors: new Map(ordered.map((entry) => [entry.name, entry])), metadata };
}

function parseObject(text: string, file: string): JsonObject {
  const fail = (reason: string, cause?: unknown): never => {
    const message = `The header of ${file} is not a JSON object: ${reason}.`;
    throw new RicciError({ code: 'weights/header-not-json', message, hint: REPAIR, cause });
  };
  try {
    const header: unknown = JSON.parse(text);
    return isJsonObject(header) ? header : fail(`it is ${showJson(header)}`);
  } catch (cause) {
    if (cause instanceof RicciError) throw cause;
    return fail(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function readMetadata(header: JsonObject, problems: string[]): Readonly<Record<string, string>> {
  if (!Object.hasOwn(header, '__metadata__')) return {};
  const metadata = header['__metadata__'];
  if (!isJsonObject(metadata)) {
    problems.push(`__metadata__ is ${showJson(metadata)}, not an object of strings`);
    return {};
  }
  const pairs: [string, string][] = [];
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value === 'string') pairs.push([key, value]);
    else problems.push(`__metadata__ entry ${showJson(key)} is ${showJson(value)}, not a string`);
  }
  return Object.fromEntries(pairs);
}

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

function readSpan(name: string, value: unknown, problems: string[]): Span | undefined {
  const offsets = isJsonObject(value) ? value['data_offsets'] : undefined;
  const [begin, end, ...rest]: unknown[] = Array.isArray(offsets) ? offsets : [];
  if (isSize(begin) && isSize(end) && begin <= end && rest.length === 0) return { name, begin, end };
  // A value that is no object is reported once, as such, with the entry.
  if (isJsonObject(value)) {
    const what = offsets === undefined ? 'no data_offsets' : `data_offsets ${showJson(offsets)}`;
    problems.push(`${showJson(name)} has ${what} where [begin, end] with 0 <= begin <= end is expected`);
  }
  return undefined;
}

function readEntry(
  name: string,
  value: unknown,
  span: Span | undefined,
  data: DataSection,
  problems: string[],
): TensorEntry | undefined {
  const report = (problem: string): undefined => void problems.push(`${showJson(name)} ${problem}`);
  if (!isJsonObject(value)) return report(`is ${showJson(value)}, not {dtype, shape, data_offsets}`);
  const { dtype, shape } = value;
  const known = isFileDtype(dtype);
  if (!known) report(`has unknown dtype ${showJson(dtype)} (known: ${Object.keys(DTYPE_BYTES).join(', ')})`);
  const sized = Array.isArray(shape) && shape.every(isSize);
  if (!sized) report(`has shape ${showJson(shape)}, not a list of sizes >= 0`);
  if (!known || !sized || span === undefined) return undefined;
  const bytes = elementCount(shape) * DTYPE_BYTES[dtype];
  const stored = span.end - span.begin;
  if (bytes !== stored) return report(`${dtype} ${showJson(shape)} needs ${bytes} bytes, its offsets hold ${stored}`);
  return { name, dtype, shape, file: data.file, start: data.start + span.begin, bytes };
}

/** Overlaps, holes and a rest at the end; what lies beyond the end of the file is the caller's to report. */
function coverageProblems(spans: readonly Span[], bytes: number): string[] {
  const problems: string[] = [];
  let covered = 0;
  let last = 'the header';
  for (const span of [...spans].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    const name = showJson(span.name);
    if (span.begin < covered) problems.push(`${name} starts at byte ${span.begin}, inside ${last} (to ${covered})`);
    if (span.begin > covered) problems.push(`${span.begin - covered} unused bytes lie between ${last} and ${name}`);
    if (span.end >= covered) [covered, last] = [span.end, name];
  }
  if (bytes > covered) problems.push(`${bytes - covered} unused bytes follow ${last}`);
  return problems;
}
