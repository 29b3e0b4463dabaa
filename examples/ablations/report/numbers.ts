/** Numbers as a reader of a table wants them. */

export const loss = (x: number | undefined): string => (x === undefined ? '–' : x.toFixed(4));

export const percent = (x: number): string => (x === 0 ? '0' : `${(100 * x).toPrecision(3)} %`);

export const count = (x: number): string => x.toLocaleString('en');

/** Three digits, with an exponent where zeros would fill the place. */
export const short = (x: number): string => {
  if (!Number.isFinite(x)) return x === -Infinity ? '−∞' : String(x);
  const rounded = Number(x.toPrecision(3));
  return rounded !== 0 && Math.abs(rounded) < 1e-3 ? x.toExponential(1) : String(rounded);
};
