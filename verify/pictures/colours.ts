import { RicciError } from '../../dsl/errors.ts';
import { censusOf } from './census.ts';

/** A colour in sRGB: red, green and blue as whole numbers from 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** Which numbers have which colours. Make one with `scaleFor`, `sequentialScale` or `divergingScale`. */
export interface ColourScale {
  /** `sequential` grows darker from low to high; `diverging` grows darker from zero to both sides. */
  readonly kind: 'sequential' | 'diverging';
  /** Numbers at or below `low` have the first colour, and those at or above `high` the last; -`high` if diverging. */
  readonly low: number;
  readonly high: number;
}

/**
 * Anchors at equal distances, chosen in CIE LCh (white D65) so that lightness falls in equal steps: for t from 0 to 1,
 * L* = 97 - 81 t, hue = 100° + 190° t (straw, green, teal, navy) and chroma = 9 + 27 sin(0.72 π t^0.9), less where sRGB
 * does not reach it. Equal steps of lightness look like equal steps, also in grey and to the colour-blind.
 */
const SEQUENTIAL = anchors(
  'fbf7e5 e1e6c8 c1d7b3 9dc8a4 76b99b 4aa897 139795 10838e 0d6f84 0a5c79 074a6d 053862 172550',
);

/**
 * As above, for t from -1 to 1: L* = 97 - 75 |t|, so that equal magnitudes are equally dark on both sides, and chroma =
 * 58 sin(0.74 π |t|), with blue (hue 260° to 268°) below zero and orange (54° to 42°) above: two hues that every common
 * kind of colour-blindness keeps apart.
 */
const DIVERGING = anchors(
  '05375a 0b5585 1275b3 1a96e2 68b7f9 b4d7fb f6f6f6 f8c9b3 ee9d79 d8744b b84f2a 913115 631c0a',
);

/** Steps of a scale. An odd number, so that zero has the middle one; so few that each is darker than the one before. */
const LEVELS = 201;

const TABLES: Readonly<Record<ColourScale['kind'], readonly Rgb[]>> = {
  sequential: interpolated(SEQUENTIAL),
  diverging: interpolated(DIVERGING),
};

/** What is not a number: a colour that is on no scale, since it is most likely a defect. */
export const NAN_COLOUR: Rgb = [240, 0, 140];

/** Infinities, of either sign: a grey, since they often are what a mask put there. */
export const INFINITY_COLOUR: Rgb = [140, 140, 140];

/**
 * The scale from `low` to `high`, for numbers of which less and more is all that matters.
 * @throws RicciError `verify/picture` unless low < high, both finite
 */
export function sequentialScale(low: number, high: number): ColourScale {
  checkLimits(low, high);
  return { kind: 'sequential', low, high };
}

/**
 * The scale from -`high` to `high`, for numbers with a sign.
 * @throws RicciError `verify/picture` unless `high` is finite and positive
 */
export function divergingScale(high: number): ColourScale {
  checkLimits(-high, high);
  return { kind: 'diverging', low: -high, high };
}

/**
 * The scale that shows all of the data: diverging where there is a negative number, with limits at plus and minus the
 * largest magnitude, else sequential from 0 to the largest. Zeros alone, and no finite numbers at all, get 0 to 1.
 */
export function scaleFor(...data: readonly ArrayLike<number>[]): ColourScale {
  const { least, greatest } = censusOf(data);
  if (least < 0) return divergingScale(Math.max(-least, greatest));
  return sequentialScale(0, greatest > 0 ? greatest : 1);
}

/** Where a number lies on a scale, from 0 (low) to 1 (high). Finite numbers only; those beyond a limit lie at it. */
export function positionOn(scale: ColourScale, value: number): number {
  // Limits may lie so far apart that their difference is no finite number; halves of them do not.
  const unit = Number.isFinite(scale.high - scale.low) ? 1 : 0.5;
  const within = Math.min(scale.high, Math.max(scale.low, value));
  return (within * unit - scale.low * unit) / (scale.high * unit - scale.low * unit);
}

/** The colour of a number, which may be infinite or not a number. A larger number is never further down the scale. */
export function colourAt(scale: ColourScale, value: number): Rgb {
  if (Number.isNaN(value)) return NAN_COLOUR;
  if (!Number.isFinite(value)) return INFINITY_COLOUR;
  return TABLES[scale.kind][Math.round(positionOn(scale, value) * (LEVELS - 1))];
}

/** A colour as SVG writes it. */
export const cssColour = (colour: Rgb): string => `rgb(${colour.join(',')})`;

function anchors(hex: string): readonly Rgb[] {
  const part = (colour: string, at: number): number => Number.parseInt(colour.slice(at, at + 2), 16);
  return hex.split(' ').map((colour): Rgb => [part(colour, 0), part(colour, 2), part(colour, 4)]);
}

function interpolated(colours: readonly Rgb[]): readonly Rgb[] {
  return Array.from({ length: LEVELS }, (_, level): Rgb => {
    const at = (level / (LEVELS - 1)) * (colours.length - 1);
    const left = Math.min(Math.floor(at), colours.length - 2);
    const mix = (i: 0 | 1 | 2): number =>
      Math.round(colours[left][i] + (colours[left + 1][i] - colours[left][i]) * (at - left));
    return [mix(0), mix(1), mix(2)];
  });
}

function checkLimits(low: number, high: number): void {
  if (Number.isFinite(low) && Number.isFinite(high) && low < high) return;
  throw new RicciError({
    code: 'verify/picture',
    message: `A colour scale cannot go from ${low} to ${high}.`,
    hint: 'Give finite limits, the lower one first.',
  });
}
