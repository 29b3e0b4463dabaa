import { constI, load, variable, type Expr, type VarExpr } from '../expr/expr.ts';
import { iadd, imul, upper } from '../expr/int.ts';
import { replaceByKey, substitute } from '../expr/rewrite.ts';
import type { ContractForm } from '../fuse/form.ts';
import type { FormedPiece } from '../fuse/fuse.ts';
import type { Dim } from '../fuse/piece.ts';
import type { LocalArray, LoopNest, LoopTag, Stmt, Total } from '../loop/ir.ts';
import { rowLanes, type Profile } from '../loop/schedule.ts';
import { gridDim, guarded, reductionLoop, sizeMax, stepped } from './common.ts';
import { lowerBySlabs } from './slabs.ts';
import { loadsIn } from '../fuse/strides.ts';
import { lowerBySubgroup } from './subgroup.ts';

/** A dimension of which one cell computes several points, so that what does not vary along it is loaded once. */
export interface Block {
  readonly dim: Dim;
  readonly step: number;
}

/**
 * Contractions and reductions to single points, the first of these that fits:
 * - two dimensions each reuse some load: the lanes of a workgroup share slabs of rows and columns, where a schedule has
 *   such; or those of a subgroup give each other rows; or, where they cannot, a thread computes a block of results in
 *   registers;
 * - the range is long: the lanes of a cell share it;
 * - else a thread does one result.
 */
export function lowerContract(piece: FormedPiece, form: ContractForm, name: string, profile: Profile): LoopNest {
  const reuse = piece.domain.filter((d) => sizeMax(d) >= profile.tile && reusedAlong(form, d));
  const pair = blockPair(form, reuse);
  if (pair !== undefined) {
    return lowerBySlabs(piece, form, name, pair, profile)
      ?? lowerBySubgroup(piece, form, name, pair, profile)
      ?? blocked(piece, form, name, registerBlock(pair, form, profile), 'serial', profile);
  }
  if (upper(form.reductions[0].extent) < profile.sharedFrom) return blocked(piece, form, name, [], 'serial', profile);
  const step = sharedStep(form.reductions.length, profile);
  const last = reuse.at(-1);
  return blocked(piece, form, name, last === undefined || step === 1 ? [] : [{ dim: last, step }], 'lane', profile);
}

/** Points of a block whose range the lanes share. */
export const sharedStep = (totals: number, { sharedTotals }: Profile): number =>
  Math.max(1, Math.floor(sharedTotals / totals));

/** A square block; with several totals at each point it is narrower, so that all of them stay in registers. */
function registerBlock([m, n]: readonly [Dim, Dim], form: ContractForm, profile: Profile): readonly Block[] {
  const columns = Math.max(1, Math.floor(profile.tile / form.reductions.length));
  return [{ dim: m, step: profile.tile }, { dim: n, step: columns }];
}

/** Some load stays the same along the dimension while the reduction runs. */
export const reusedAlong = (form: ContractForm, d: Dim): boolean =>
  form.reductions.some((r) =>
    r.free.has(d.v.name) && loadsIn(r.body).some((l) => l.free.has(r.v.name) && !l.free.has(d.v.name)));

/** Two dimensions that reuse different loads: rows of one operand against columns of the other. */
export function blockPair(form: ContractForm, reuse: readonly Dim[]): readonly [Dim, Dim] | undefined {
  const n = reuse.at(-1);
  if (n === undefined) return undefined;
  const crossing = reuse.slice(0, -1).filter((m) => form.reductions.some((r) => {
    const loads = loadsIn(r.body).filter((l) => l.free.has(r.v.name));
    return loads.some((l) => l.free.has(m.v.name) && !l.free.has(n.v.name))
      && loads.some((l) => l.free.has(n.v.name) && !l.free.has(m.v.name));
  }));
  const m = crossing.reduce<Dim | undefined>(
    (best, d) => (best === undefined || sizeMax(d) > sizeMax(best) ? d : best),
    undefined,
  );
  return m === undefined ? undefined : [m, n];
}

const blocked = (
  piece: FormedPiece, form: ContractForm, name: string, blocks: readonly Block[], tag: LoopTag, profile: Profile,
): LoopNest => ({
  name, place: piece.root.origin.place,
  grid: piece.domain.map((d) => gridDim(d, blocks.find((b) => b.dim === d)?.step ?? 1)),
  lanes: tag === 'lane' ? rowLanes(profile) : 1, locals: dealtTotals(form, blocks, tag, profile),
  body: blockBody(piece, form, blocks, tag, profile),
});

const totalsName = (reduction: number): string => `local:totals${reduction}`;

/**
 * Arrays in which the lanes of a subgroup get the totals of a block, each those of its own point: giving out takes a step
 * for each lane, where adding up for all takes some for each total. Empty where there are too few totals, or too many.
 */
export function dealtTotals(
  { reductions }: Pick<ContractForm, 'reductions'>, blocks: readonly Block[], tag: LoopTag, { subgroup }: Profile,
): readonly LocalArray[] {
  const [block] = blocks;
  if (tag !== 'lane' || subgroup === undefined || blocks.length !== 1) return [];
  const totals = block.step * reductions.length;
  const sums = reductions.every((r) => r.monoid === 'sum' && r.free.has(block.dim.v.name));
  if (!sums || totals > subgroup || 2 * totals <= subgroup) return [];
  return reductions.map((_, i): LocalArray => ({ name: totalsName(i), type: 'f32', size: block.step, dealt: 1 }));
}

/** Computes the points of a block and stores them. */
export function blockBody(
  piece: Pick<FormedPiece, 'stores'>, form: Pick<ContractForm, 'reductions'>, blocks: readonly Block[], tag: LoopTag,
  profile: Profile,
): readonly Stmt[] {
  const totals = new Map<string, Total>();
  const points = pointsOf(blocks).map((p) =>
    new Map(p.map(({ block, i }) => [block.dim.v.name, stepped(block.dim, block.step, i)])));
  const { v } = form.reductions[0];
  const values = form.reductions.map((r) => points.map((table) => totalFor(substitute(r, table), v, totals)));
  const list = [...totals.values()];
  const loop = reductionLoop(list.map((t) => t.value), form.reductions[0], tag, profile);
  const dealt = dealtTotals(form, blocks, tag, profile).map((l) => l.name);
  return dealt.length === 0
    ? [{ kind: 'fold', loop, totals: list }, ...epilogue(piece, form, blocks, values)]
    : [{ kind: 'fold', loop, totals: list, dealtTo: dealt }, ...epilogue(piece, form, blocks)];
}

/**
 * The stores of a block: a loop over its points, so that what follows the totals is written (and compiled) once.
 * @param values the totals of each reduction's points, where they do not lie in arrays yet
 */
function epilogue(
  piece: Pick<FormedPiece, 'stores'>,
  form: Pick<ContractForm, 'reductions'>,
  blocks: readonly Block[],
  values?: readonly (readonly Expr[])[],
): readonly Stmt[] {
  const store = (known: ReadonlyMap<string, Expr>, at: ReadonlyMap<string, Expr>): readonly Stmt[] =>
    piece.stores.map((s): Stmt => ({
      kind: 'store',
      buffer: s.buffer,
      index: substitute(s.index, at),
      value: substitute(replaceByKey(s.value, known), at),
    }));
  if (blocks.length === 0 && values !== undefined) {
    return store(new Map(form.reductions.map((r, i) => [r.key, values[i][0]])), new Map());
  }
  const steps = blocks.map((b) => variable(`_${b.dim.v.name}_step`, b.step));
  const at = new Map(blocks.map((b, i) => [b.dim.v.name, iadd(b.dim.v, steps[i])]));
  const point = steps.reduce<Expr>((e, v, i) => iadd(imul(e, blocks[i].step), v), constI(0));
  const arrays = (values ?? []).map((own, i): Stmt => ({ kind: 'array', name: totalsName(i), values: own }));
  const known = new Map(form.reductions.map((r, i) => [r.key, load(totalsName(i), point, 'f32')]));
  const loops = blocks.reduceRight<readonly Stmt[]>((body, b, i) => [{
    kind: 'loop',
    loop: { v: steps[i], extent: constI(b.step), tag: i === blocks.length - 1 ? 'lane' : 'serial', vector: 1 },
    body: guarded(b.dim, b.step, steps[i], body),
  }], store(known, at));
  return [...arrays, ...loops];
}

type Point = readonly { readonly block: Block; readonly i: number }[];

function pointsOf(blocks: readonly Block[]): readonly Point[] {
  return blocks.reduce<readonly Point[]>(
    (points, block) => points.flatMap((p) => Array.from({ length: block.step }, (_, i) => [...p, { block, i }])),
    [[]],
  );
}

/**
 * One accumulator for each different total: points that share one (a total that does not vary along the block) share
 * it.
 */
function totalFor(r: Expr, loop: VarExpr, totals: Map<string, Total>): Expr {
  if (r.kind !== 'reduce') throw new Error('lower: a reduction was expected');
  const known = totals.get(r.key);
  if (known !== undefined) return known.v;
  const v = variable(`_total${totals.size}`, Infinity, 'f32');
  // Totals of one loop may come from axes of different names and one size.
  totals.set(r.key, { v, monoid: r.monoid, value: substitute(r.body, new Map([[r.v.name, loop]])) });
  return v;
}
