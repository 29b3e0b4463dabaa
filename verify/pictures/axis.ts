import { withExponent } from './numbers.ts';

/** A place on an axis that bears a number; `at` is from 0 (its beginning) to 1 (its end). */
export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** An axis of a plot. */
export interface Axis {
  readonly ticks: readonly Tick[];
  /** Where a number lies, from 0 to 1; undefined where it cannot lie on the axis. */
  place(value: number): number | undefined;
}

/** How many ticks there are, about. */
const TICKS = 6;

/** Beyond this, differences of numbers are no longer finite: such numbers are left out like infinities. */
const LARGEST = 1e300;

/** A range narrower than this, or than this part of its largest number, is drawn as if it were a single number. */
const NARROWEST = { absolute: 1e-290, relative: 1e-12 };

const drawable = (value: number): boolean => Math.abs(value) <= LARGEST;

/**
 * An axis on which equal differences are equal distances, with ticks at round numbers (1, 2 or 5 times a power of ten).
 * It holds all finite numbers of the data; where these are whole, as indices and steps are, so are the ticks.
 * @param ends `data`: it begins and ends with the data; `ticks`: with a tick
 */
export function linearAxis(data: readonly ArrayLike<number>[], ends: 'data' | 'ticks'): Axis {
  const [least, greatest] = widened(extremes(data, drawable) ?? [0, 1]);
  const step = Math.max(roundStep(greatest - least), data.every(isWhole) ? 1 : 0);
  const [low, high] = ends === 'data' ? [least, greatest]
    : [Math.floor(least / step) * step, Math.ceil(greatest / step) * step];
  const ticks: Tick[] = [];
  const last = Math.floor(high / step + 1e-9);
  for (let i = Math.ceil(low / step - 1e-9); i <= last; i++)
    ticks.push({ at: within((i * step - low) / (high - low)), label: tickLabel(i, step, Math.max(-low, high)) });
  return { ticks, place: (value) => (drawable(value) ? within((value - low) / (high - low)) : undefined) };
}

/** An axis on which equal ratios are equal distances, and only positive numbers lie. It ends with round numbers. */
export function logAxis(data: readonly ArrayLike<number>[]): Axis {
  const positive = (value: number): boolean => value > 0 && value < Infinity;
  const [least, greatest] = (extremes(data, positive) ?? [0.1, 1]).map(Math.log10);
  let [first, last] = [roundBelow(least), roundBelow(greatest)];
  if (roundLog(last) < greatest) last++;
  if (first === last) [first, last] = [first - 1, last + 1];
  const [low, high] = [roundLog(first), roundLog(last)];
  const decades = Math.ceil((last - first) / 3);
  // Two decades have all of 1, 2 and 5; more have powers of ten, and many have only every so many of those.
  const every = decades <= 2 ? 1 : 3 * Math.ceil(decades / TICKS);
  const ticks: Tick[] = [];
  for (let n = Math.ceil(first / every) * every; n <= last; n += every)
    ticks.push({ at: within((roundLog(n) - low) / (high - low)), label: roundLabel(n) });
  return {
    ticks, place: (value) => (positive(value) ? within((Math.log10(value) - low) / (high - low)) : undefined),
  };
}

const within = (at: number): number => Math.min(1, Math.max(0, at));

type Range = readonly [least: number, greatest: number];

function extremes(data: readonly ArrayLike<number>[], counts: (value: number) => boolean): Range | undefined {
  let [least, greatest] = [Infinity, -Infinity];
  for (const part of data) {
    for (let i = 0; i < part.length; i++)
      if (counts(part[i])) [least, greatest] = [Math.min(least, part[i]), Math.max(greatest, part[i])];
  }
  return least > greatest ? undefined : [least, greatest];
}

function isWhole(part: ArrayLike<number>): boolean {
  for (let i = 0; i < part.length; i++) if (drawable(part[i]) && !Number.isInteger(part[i])) return false;
  return true;
}

function widened([least, greatest]: Range): Range {
  const largest = Math.max(-least, greatest);
  if (greatest - least > Math.max(NARROWEST.absolute, NARROWEST.relative * largest)) return [least, greatest];
  const by = largest > NARROWEST.absolute ? largest / 10 : 1;
  return [least - by, greatest + by];
}

/** The least of 1, 2 and 5 times a power of ten that makes no more than `TICKS` steps of a span. */
function roundStep(span: number): number {
  const power = 10 ** Math.floor(Math.log10(span / TICKS));
  return power * ([1, 2, 5].find((digit) => digit * power * TICKS >= span) ?? 10);
}

/** The i-th multiple of a step in as many digits as tell it from its neighbours. */
function tickLabel(i: number, step: number, largest: number): string {
  if (i === 0) return '0';
  const stepPower = Math.floor(Math.log10(step) + 1e-9);
  if (largest < 1e6 && stepPower >= -4) return (i * step).toFixed(Math.max(0, -stepPower));
  const digits = Math.floor(Math.log10(Math.abs(i * step)) + 1e-9) - stepPower;
  return withExponent(i * step, Math.min(15, Math.max(0, digits)));
}

/** The numbers 1, 2 and 5 times powers of ten are counted from 1 = 10⁰ on, as n; they are dealt with as logarithms. */
const DIGITS = [1, 2, 5];

const roundLog = (n: number): number => Math.floor(n / 3) + Math.log10(DIGITS[n - 3 * Math.floor(n / 3)]);

/** The last n whose number is at most the one of this logarithm. */
function roundBelow(log: number): number {
  const power = Math.floor(log + 1e-12);
  return 3 * power + (log - power + 1e-12 >= Math.log10(5) ? 2 : log - power + 1e-12 >= Math.log10(2) ? 1 : 0);
}

function roundLabel(n: number): string {
  const power = Math.floor(n / 3);
  const text = `${DIGITS[n - 3 * power]}e${power}`;
  return power >= -3 && power < 5 ? String(Number(text)) : text;
}
