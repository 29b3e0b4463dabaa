/** A column of a table: its title, and whether numbers stand to the right. */
export interface Column {
  readonly title: string;
  readonly right?: boolean;
}

/** Rows under their titles, two spaces between columns. */
export function showTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ title }, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (columns[i].right === true ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
      .join('  ')
      .trimEnd();
  return [line(columns.map((c) => c.title)), ...rows.map(line)].join('\n');
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB'];

/** Bytes in the unit that keeps the number below 1024. */
export function showBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}

const FLOP_UNITS = ['FLOP', 'kFLOP', 'MFLOP', 'GFLOP', 'TFLOP'];

/** Floating-point operations in the unit that keeps the number below 1000. */
export function showFlops(flops: number): string {
  const power = flops < 1 ? 0 : Math.min(FLOP_UNITS.length - 1, Math.floor(Math.log10(flops) / 3));
  const value = flops / 1000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${FLOP_UNITS[power]}`;
}
