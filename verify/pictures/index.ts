/** Pictures of matrices and curves, as pure functions from numbers to SVG, PNG or text. */
export { type ColourScale, colourAt, divergingScale, type Rgb, scaleFor, sequentialScale } from './colours.ts';
export { type Curve, curves, type CurvesOptions } from './curves.ts';
export { downSampled } from './down-sample.ts';
export { heatMap, type HeatMapOptions } from './heat-map.ts';
export type { Matrix } from './matrix.ts';
export { heatMapPng, type PngOptions } from './png.ts';
export { smallMultiples, type SmallMultiplesOptions } from './small-multiples.ts';
export { smallMultiplesPng } from './small-multiples-png.ts';
export { terminalPicture, type TerminalOptions } from './terminal.ts';
export { terminalGrid, type TerminalGridOptions } from './terminal-grid.ts';
