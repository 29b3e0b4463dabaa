import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Case, Work } from '../../cli/bench/case.ts';
import { csvOf } from '../../cli/bench/formats/csv.ts';
import { markdownOf } from '../../cli/bench/formats/markdown.ts';
import { textOf } from '../../cli/bench/formats/text.ts';
import { labelOf, sample, together } from '../../cli/bench/measure.ts';
import { repeat } from '../../cli/bench/repeat.ts';
import { resultOf, type BenchReport } from '../../cli/bench/report.ts';
import { bandwidthFor, leastTime, type Bandwidth, type Roofs } from '../../cli/bench/roofline.ts';
import { median, slopeOf, spreadOf } from '../../cli/bench/statistics.ts';
import { Trace } from '../../cli/bench/trace.ts';
import { figureOf, isRate, type Unit } from '../../cli/bench/units.ts';
import { runs } from '../support/runs.ts';

const UNITS: readonly Unit[] = ['GB/s', 'MB/s', 'GFLOP/s', 'tokens/s', 'ms', 'µs', '×'];

const positive = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
const seconds = positive(1e-9, 1e3);
const times = fc.array(seconds, { minLength: 1, maxLength: 30 });
const count = fc.integer({ min: 0, max: 1e9 });
const works: fc.Arbitrary<Work> = fc.record(
  {
    bytes: fc.integer({ min: 1, max: 1e9 }), footprint: fc.integer({ min: 1, max: 1e9 }), flops: count,
    dispatches: fc.nat(1000), submits: fc.nat(100), streams: fc.constant(true),
  },
  { requiredKeys: ['bytes', 'footprint', 'flops', 'dispatches', 'submits'] },
);
const measuredBandwidths: fc.Arbitrary<readonly Bandwidth[]> = fc.array(
  fc.record({ bytes: fc.integer({ min: 1, max: 1e9 }), bytesPerSecond: positive(1, 1e12) }), { minLength: 1, maxLength: 6 },
);
const roofs: fc.Arbitrary<Roofs> = fc.record({
  bandwidths: measuredBandwidths, matvecs: measuredBandwidths,
  flopsPerSecond: fc.record({ numbers: positive(1, 1e13), integers: positive(1, 1e13) }),
  dispatchSeconds: positive(0, 1e-3), submitSeconds: positive(0, 1e-3),
});
const cases = fc.record({
  suite: fc.constantFrom('kernels', 'decode', 'roofs'), name: fc.string({ minLength: 1 }),
  dtype: fc.constantFrom('f32', 'bf16', 'f16', 'int8'), unit: fc.constantFrom(...UNITS),
}).map((plain): Case => ({ ...plain, prepare: () => Promise.reject(new Error('not run')) }));
const measured = fc.record({
  amount: positive(1, 1e12), work: works, clock: fc.constantFrom('host', 'device'), seconds: times.map(spreadOf),
});

describe('statistics', () => {
  it('the median is the middle: as many values lie below as above, whatever their order', () => fc.assert(
    fc.property(times, (values) => {
      const middle = median(values);
      const below = values.filter((x) => x < middle).length;
      const above = values.filter((x) => x > middle).length;
      expect(below).toBeLessThanOrEqual(values.length / 2);
      expect(above).toBeLessThanOrEqual(values.length / 2);
      expect(median([...values].reverse())).toBe(middle);
    }),
    runs(200),
  ));

  it('a spread holds its median between its extremes, which are values', () => fc.assert(
    fc.property(times, (values) => {
      const { median: middle, min, max, runs: n } = spreadOf(values);
      expect(n).toBe(values.length);
      expect(values).toContain(min);
      expect(values).toContain(max);
      for (const x of [middle, ...values]) expect(x >= min && x <= max).toBe(true);
    }),
    runs(200),
  ));

  it('a line\'s slope is found, and the line of least squares is nearer to points than others are', () => fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 2000 }), { minLength: 2, maxLength: 8 }),
      fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 8, maxLength: 8 }),
      fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 }),
      (x, noise, slope, start) => {
        expect(slopeOf(x, x.map((value) => start + slope * value))).toBeCloseTo(slope, 9);
        const y = x.map((value, i) => start + slope * value + noise[i]);
        // A line through the middle of all points, as the best one is.
        const [middleX, middleY] = [x, y].map((values) => values.reduce((a, b) => a + b) / values.length);
        const miss = (m: number): number => x.reduce((sum, value, i) => sum + (y[i] - middleY - m * (value - middleX)) ** 2, 0);
        const best = slopeOf(x, y);
        for (const other of [best - 0.01, best + 0.01]) expect(miss(best)).toBeLessThan(miss(other));
      },
    ),
    runs(200),
  ));

  it('twice the time is half the rate, or twice the figure of a time', () => fc.assert(
    fc.property(fc.constantFrom(...UNITS), positive(1, 1e9), seconds, (unit, amount, s) => {
      const [once, twice] = [figureOf(unit, amount, s), figureOf(unit, amount, 2 * s)];
      expect(twice / once).toBeCloseTo(isRate(unit) ? 0.5 : 2, 12);
    }),
    runs(200),
  ));
});

describe('roofs', () => {
  it('work takes at least what each of its parts takes, and exactly what one of them does', () => fc.assert(
    fc.property(works, roofs, fc.constantFrom('f32', 'int8'), (work, roof, weights) => {
      const arithmetic = weights === 'int8' ? roof.flopsPerSecond.integers : roof.flopsPerSecond.numbers;
      const parts = {
        [work.streams === true ? 'matvec' : 'bytes']:
          work.bytes / bandwidthFor(work.footprint, work.streams === true ? roof.matvecs : roof.bandwidths),
        flops: work.flops / arithmetic,
        latency: work.submits * roof.submitSeconds + work.dispatches * roof.dispatchSeconds,
      };
      const { seconds: least, limit } = leastTime(work, weights, roof);
      expect(least).toBe(Math.max(...Object.values(parts)));
      expect(parts[limit]).toBe(least);
    }),
    runs(200),
  ));

  it('more memory is never faster, and as much as was measured is at least as fast', () => fc.assert(
    fc.property(roofs, fc.nat(1e9), fc.nat(1e9), ({ bandwidths }, a, b) => {
      const [few, many] = [Math.min(a, b), Math.max(a, b)];
      expect(bandwidthFor(many, bandwidths)).toBeLessThanOrEqual(bandwidthFor(few, bandwidths));
      for (const { bytes, bytesPerSecond } of bandwidths) {
        expect(bandwidthFor(bytes, bandwidths)).toBeGreaterThanOrEqual(bytesPerSecond);
      }
    }),
    runs(200),
  ));

  it('a percentage is that of the roof beside it: of a rate its part, of a time the other way round', () => fc.assert(
    fc.property(cases, measured, roofs, (one, m, roof) => {
      const { median: figure, min, max, roof: share } = resultOf(one, m, roof);
      const { figure: best, percent } = share ?? expect.fail('no roof');
      const part = isRate(one.unit) ? figure / best : best / figure;
      expect(percent / (100 * part)).toBeCloseTo(1, 12);
      expect(percent / (100 * leastTime(m.work, one.dtype, roof).seconds / m.seconds.median)).toBeCloseTo(1, 9);
      expect(min).toBeLessThanOrEqual(max);
    }),
    runs(200),
  ));
});

/** A clock that each look moves on by so many milliseconds. */
const ticking = (step: number): (() => number) => {
  let at = 0;
  return () => (at += step);
};

describe('repeating', () => {
  it('does not count the warm-up, ends with the time, and runs a few times at least', async () => {
    let started = 0;
    const all = await repeat(async () => ++started, { seconds: 1, now: ticking(10) });
    expect(all[0]).toBeGreaterThan(1);
    expect(all).toEqual(Array.from({ length: all.length }, (_, i) => all[0] + i));
    expect(Math.abs(all.length - 100)).toBeLessThanOrEqual(3);
    expect(await repeat(async () => 1, { seconds: 1e-9, now: ticking(10) })).toHaveLength(3);
  });

  /** A case that notes what is done with it. */
  const noted = (notes: string[], check: () => Promise<void>): Case => ({
    suite: 'kernels', name: 'noted', dtype: 'f32', unit: 'ms',
    async prepare() {
      notes.push('prepare');
      return {
        amount: 1, work: undefined, clock: 'host',
        check: () => (notes.push('check'), check()),
        run: async () => (notes.push('run'), 1),
        kernels: async () => [{ name: 'first', seconds: 0.001 }, { name: 'second', seconds: 0.002 }],
        close: () => void notes.push('close'),
      };
    },
  });

  it('what is wrong is not timed, and closed all the same', async () => {
    const notes: string[] = [];
    const wrong = noted(notes, () => Promise.reject(new Error('wrong')));
    await expect(sample(wrong, { seconds: 1, now: ticking(10), trace: undefined })).rejects.toThrow('wrong');
    expect(notes).toEqual(['prepare', 'check', 'close']);
  });

  it('leaves spans that lie in each other, and kernels end to end', async () => {
    const trace = new Trace(ticking(1), 'a device');
    const one = noted([], () => Promise.resolve());
    const got = await sample(one, { seconds: 0.05, now: ticking(10), trace });
    expect('times' in got ? together([got, got]).seconds.runs : 0).toBeGreaterThanOrEqual(6);
    const { traceEvents: events }: { readonly traceEvents: readonly Event[] } = JSON.parse(trace.json());
    const spans = events.filter((e) => e.ph === 'X');
    const [outer] = spans.filter((e) => e.name === labelOf(one));
    for (const { pid, ts, dur } of spans) {
      if (pid !== outer.pid) continue;
      expect(ts).toBeGreaterThanOrEqual(outer.ts);
      expect(ts + dur).toBeLessThanOrEqual(outer.ts + outer.dur);
    }
    const [first, second] = spans.filter((e) => e.pid !== outer.pid);
    expect([first.name, second.name, first.dur, second.dur]).toEqual(['first', 'second', 1000, 2000]);
    expect(second.ts).toBe(first.ts + first.dur);
  });
});

interface Event {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly ts: number;
  readonly dur: number;
}

/** A report of such results. */
const reports = fc.array(fc.tuple(cases, measured, roofs), { minLength: 1, maxLength: 5 }).map((all): BenchReport => ({
  format: 1, device: { kind: 'cpu', name: 'a "quoted", device' },
  host: { processor: 'a processor', cores: 2, node: '20', load: 1 }, settings: { seconds: 1, rounds: 1 }, roofs: [],
  results: all.map(([one, m, roof]) => resultOf(one, m, roof)),
  leftOut: [{ suite: 'kernels', name: 'one', dtype: 'f16', reason: 'It has none.' }],
}));

describe('formats', () => {
  it('CSV is read back as it was, with all digits', () => fc.assert(
    fc.property(reports, (report) => {
      const [header, ...lines] = parseCsv(csvOf(report));
      expect(lines).toHaveLength(report.results.length);
      const column = (line: readonly string[], name: string): string => line[header.indexOf(name)];
      report.results.forEach((r, i) => {
        expect(lines[i]).toHaveLength(header.length);
        expect(column(lines[i], 'device')).toBe(report.device.name);
        expect(column(lines[i], 'case')).toBe(r.name);
        expect(Number(column(lines[i], 'median'))).toBe(r.median);
        expect(Number(column(lines[i], 'percent'))).toBe(r.roof?.percent);
      });
    }),
    runs(50),
  ));

  it('Markdown has as many cells in each line', () => fc.assert(
    fc.property(reports, (report) => {
      const lines = markdownOf(report).split('\n').filter((line) => line.startsWith('| '));
      const cells = lines.map((line) => line.replaceAll('\\|', '').split('|').length);
      expect(new Set(cells).size).toBe(1);
      expect(lines).toHaveLength(2 + report.results.length);
    }),
    runs(50),
  ));

  it('says what is left out, and why', () => fc.assert(
    fc.property(reports, (report) => {
      for (const text of [textOf(report), markdownOf(report)]) {
        expect(text).toContain('left out: kernels: one, f16: It has none.');
      }
    }),
    runs(5),
  ));
});

/** Lines of cells, with quotes. */
function parseCsv(text: string): string[][] {
  const lines: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/g)) {
    lines[lines.length - 1].push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '\n') lines.push([]);
  }
  return lines.slice(0, -1);
}
