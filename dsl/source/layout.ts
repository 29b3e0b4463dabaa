/** Columns of a line of a printed program. */
export const WIDTH = 100;

/** Items with commas between them, on as few lines as hold them. */
export function filled(items: readonly string[], indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const item of items) {
    const longer = line === '' ? `${indent}${item}` : `${line}, ${item}`;
    // One column is the comma's at the end of the line.
    const fits = line === '' || longer.length < WIDTH;
    if (!fits) lines.push(line);
    line = fits ? longer : `${indent}${item}`;
  }
  return [...lines, line].join(',\n');
}

/** Items in brackets: on one line where they fit on it after what comes before, else on lines of their own. */
export function enclosed(before: string, items: readonly string[], after: string): string {
  const line = `${before}${items.join(', ')}${after}`;
  const [open, close] = [before.trimEnd(), after.trimStart()];
  return line.length <= WIDTH ? line : `${open}\n${filled(items, '  ')},\n${close}`;
}

/** An argument as text, or the texts of a list's items. */
export type ArgText = string | readonly string[];

const onOneLine = (arg: ArgText): string => (typeof arg === 'string' ? arg : `[${arg.join(', ')}]`);

export const callText = (name: string, args: readonly ArgText[]): string =>
  `${name}(${args.map(onOneLine).join(', ')})`;

/** A call that is too long for a line: a line for each argument, several for a long list. */
export function brokenCall(name: string, args: readonly ArgText[]): string {
  const lines = args.map((arg) => {
    const line = `  ${onOneLine(arg)},`;
    return line.length <= WIDTH || typeof arg === 'string' ? line : `  [\n${filled(arg, '    ')},\n  ],`;
  });
  return `${name}(\n${lines.join('\n')}\n)`;
}
