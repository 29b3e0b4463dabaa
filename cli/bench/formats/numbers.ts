/** Four digits, or all of them before the point. */
export const showFigure = (x: number): string => (Math.abs(x) >= 1000 ? x.toFixed(0) : x.toPrecision(4));

/** Whole, or with two digits where it is small. */
export const showPercent = (x: number): string => `${x >= 9.95 ? x.toFixed(0) : x.toPrecision(2)} %`;
