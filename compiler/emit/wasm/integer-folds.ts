import { constI, load, type LoadExpr, type VarExpr } from '../../expr/expr.ts';
import { iadd } from '../../expr/int.ts';
import { integerFactors } from '../../expr/integers.ts';
import { substitute } from '../../expr/rewrite.ts';
import type { Loop, Total } from '../../loop/ir.ts';
import type { Scope } from './scope.ts';
import { instruction, local, value, type Value } from './value.ts';
import { chainsOf, totalName, type Phase, type Writer } from './writer.ts';

/** Integers of a vector. */
const EIGHT = 8;

/** Products of 16 and of 8 bits that one lane can surely add up: 2³¹ / (32767 · 127) is 516. */
const SAFE = 512;

/** A sum of products of integers, of which one has 8 bits, that lie side by side. */
interface IntegerTotal {
  readonly total: Total;
  readonly factors: readonly [LoadExpr, LoadExpr];
}

/**
 * The phases of a fold whose totals are all sums of products of integers: eight products at a time, added up exactly in
 * 32 bits for as long as these surely hold them, and then as f32. They leave four partial totals of each total.
 *
 * @returns undefined where the totals are not such sums
 */
export function integerPhases(
  loop: Loop, totals: readonly Total[], scope: Scope, write: Writer,
): readonly Phase[] | undefined {
  const { v, extent } = loop;
  const own = totals.flatMap((t) => integerTotal(t, v.name) ?? []);
  if (own.length < totals.length || extent.kind !== 'const' || extent.value < EIGHT) return undefined;
  const chains = chainsOf(loop, EIGHT);
  for (const { total } of own) for (let c = 0; c < chains; c++) write.assign(scope, chainName(total, c), ZERO);
  const whole = extent.value - (extent.value % EIGHT);
  return sections(whole, chains).map(({ until, of }, i): Phase => ({
    step: EIGHT * of,
    until,
    turn: (inner) => { for (const t of own) for (let c = 0; c < of; c++) multiply(t, v, c, inner, write); },
    after: () => { for (const { total } of own) join(total, of, i === 0, scope, write); },
  }));
}

/** Ends of ranges in each of which no lane adds up too much, and among how many chains each range is shared. */
function sections(whole: number, chains: number): readonly { readonly until: number; readonly of: number }[] {
  const step = EIGHT * chains;
  const shared = whole - (whole % step);
  const longest = SAFE * 4 * chains;
  const ends = Array.from({ length: Math.ceil(shared / longest) }, (_, i) => Math.min((i + 1) * longest, shared));
  const all = ends.map((until) => ({ until, of: chains }));
  return shared === whole ? all : [...all, { until: whole, of: 1 }];
}

function multiply({ total, factors }: IntegerTotal, v: VarExpr, chain: number, scope: Scope, write: Writer): void {
  const [a, b] = factors.map((f) => write.integers(ahead(f, v, EIGHT * chain), scope));
  const name = chainName(total, chain);
  const products = instruction('v128', 'i32x4.dot_i16x8_s', a, b);
  write.assign(scope, name, instruction('v128', 'i32x4.add', value('v128', local(name)), products));
}

/** Adds what the chains have to the total, and lets them begin anew. */
function join(total: Total, chains: number, isFirst: boolean, scope: Scope, write: Writer): void {
  const names = Array.from({ length: chains }, (_, c) => chainName(total, c));
  const own = totalName(total.v.name, true);
  const parts = names.map((n) => instruction('v128', 'f32x4.convert_i32x4_s', value('v128', local(n))));
  const all = isFirst ? parts : [value('v128', local(own)), ...parts];
  write.assign(scope, own, all.reduce((a, b) => instruction('v128', 'f32x4.add', a, b)));
  for (const n of names) write.assign(scope, n, ZERO);
}

function integerTotal(total: Total, v: string): IntegerTotal | undefined {
  const factors = total.monoid === 'sum' ? integerFactors(total.value, v) : undefined;
  return factors === undefined ? undefined : { total, factors };
}

/** The same load further along the range. */
const ahead = ({ buffer, index, type, storage }: LoadExpr, v: VarExpr, by: number): LoadExpr =>
  load(buffer, substitute(index, new Map([[v.name, iadd(v, constI(by))]])), type, storage);

const ZERO: Value = value('v128', '(v128.const i32x4 0 0 0 0)');

const chainName = (t: Total, chain: number): string => `${t.v.name}.i${chain}`;
