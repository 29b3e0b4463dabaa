import { maxOf, type Axis } from '../../dsl/axis.ts';
import { extentAlong } from '../../dsl/nodes/views.ts';
import type { Node } from '../../dsl/node.ts';
import { constI, variable, type Expr, type VarExpr } from '../expr/expr.ts';
import { iadd, idiv, imod, imul } from '../expr/int.ts';
import { findAll, substitute } from '../expr/rewrite.ts';
import { expand, extentOf, inline, placeInMemory, type Index, type Stored } from './inline.ts';
import { normalize } from './normalize.ts';

/** One dimension of an iteration space. */
export interface Dim {
  readonly v: VarExpr;
  readonly extent: Expr;
}

/** What is written at one point of the iteration space. */
export interface Store {
  /** Key of the stored value. */
  readonly buffer: string;
  readonly index: Expr;
  readonly value: Expr;
}

/** Stores over one iteration space. A kernel is one or several pieces side by side. */
export interface Piece {
  readonly root: Node;
  readonly domain: readonly Dim[];
  readonly stores: readonly Store[];
}

interface Cursor {
  readonly node: Node;
  readonly domain: readonly Dim[];
  readonly own: Index;
  readonly target: Expr;
}

const dimOf = (a: Axis): Dim => ({ v: variable(a.name, maxOf(a.size)), extent: extentOf(a.size) });

/**
 * The stores that compute one value. Views at the end of a value (merged axes, stacked halves of a rotation, rows
 * appended to a cache) move into the index of the store, so that the iteration space is that of the arithmetic below
 * them.
 */
export function piecesOf(root: Node, stored: Stored): readonly Piece[] {
  const domain = root.axes.map(dimOf);
  const own: Index = new Map(domain.map((d) => [d.v.name, d.v]));
  const leaves = unwrap({ node: root, domain, own, target: placeInMemory(root.axes, own) }, root, stored);
  return groupByDomain(leaves.map((c) => toPiece(root, c, stored)));
}

function toPiece(root: Node, c: Cursor, stored: Stored): Piece {
  const single = new Map(c.domain.filter((d) => isOne(d.extent)).map((d) => [d.v.name, constI(0)]));
  const own: Index = new Map([...c.own].map(([axis, e]) => [axis, substitute(e, single)]));
  const raw = c.node.key === root.key ? expand(c.node, own, stored) : inline(c.node, own, stored);
  const domain = c.domain.filter((d) => !isOne(d.extent));
  return { root, domain, stores: [{ buffer: root.key, index: substitute(c.target, single), value: normalize(raw) }] };
}

/** A dimension of one entry needs no variable. */
const isOne = (e: Expr): boolean => e.kind === 'const' && e.value === 1;

function unwrap(c: Cursor, root: Node, stored: Stored): readonly Cursor[] {
  const node = c.node;
  if (node.key !== root.key && stored.has(node)) return [c];
  switch (node.kind) {
    case 'freeze': case 'stopGradient': return unwrap({ ...c, node: node.x }, root, stored);
    case 'rename': case 'cache': return unwrap(renamed(c, node.x, node.to.name, node.from.name), root, stored);
    case 'merge': return unwrap(unmerged(c, node), root, stored);
    case 'append': return unwrap(appended(c, node, stored), root, stored);
    case 'concat': return node.xs.flatMap((_, i) => unwrap(part(c, node, i), root, stored));
    case 'map': return [mergesBelow(node, stored).reduce(unmergedBelow, c)];
    default: return [c];
  }
}

/** Merged axes among the operands of an epilogue: below them the arithmetic runs over the two axes that were merged. */
function mergesBelow(node: Node, stored: Stored): readonly Extract<Node, { kind: 'merge' }>[] {
  if (node.kind !== 'map' && node.kind !== 'merge') return [];
  if (node.kind === 'merge') return [node];
  return node.args.filter((x) => !stored.has(x)).flatMap((x) => mergesBelow(x, stored));
}

/** Splits the dimension of a merged axis, with the node left as it is. */
function unmergedBelow(c: Cursor, node: Extract<Node, { kind: 'merge' }>): Cursor {
  const at = c.own.get(node.to.name);
  return at === undefined || at.kind !== 'var' ? c : { node: c.node, ...dimsOfMerge(c, node, at.name).cursor };
}

function changed(own: Index, drop: readonly string[], add: readonly (readonly [string, Expr])[]): Index {
  return new Map([...[...own].filter(([name]) => !drop.includes(name)), ...add]);
}

function renamed(c: Cursor, x: Node, to: string, from: string): Cursor {
  const at = c.own.get(to) ?? constI(0);
  return { ...c, node: x, own: changed(c.own, [to], [[from, at]]) };
}

/** Replaces one dimension by others and rewrites everything that used its variable. */
function redim(c: Cursor, name: string, dims: readonly Dim[], value: Expr): Pick<Cursor, 'domain' | 'target' | 'own'> {
  const table = new Map([[name, value]]);
  return {
    domain: c.domain.flatMap((d) => (d.v.name === name ? dims : [d])),
    target: substitute(c.target, table),
    own: new Map([...c.own].map(([axis, e]) => [axis, substitute(e, table)])),
  };
}

/** A name for a new dimension that no other dimension has. */
function freshDim(domain: readonly Dim[], axis: Axis, replaced: string): Dim {
  const taken = new Set(domain.map((d) => d.v.name).filter((n) => n !== replaced));
  let name = axis.name;
  for (let i = 2; taken.has(name); i++) name = `${axis.name}_${i}`;
  return { v: variable(name, maxOf(axis.size)), extent: extentOf(axis.size) };
}

/** Two dimensions in the place of the one that runs along a merged axis. */
function dimsOfMerge(c: Cursor, node: Extract<Node, { kind: 'merge' }>, name: string) {
  const hi = freshDim(c.domain, node.outer, name);
  const lo = freshDim([...c.domain, hi], node.inner, name);
  return { hi, lo, cursor: redim(c, name, [hi, lo], iadd(imul(hi.v, maxOf(node.inner.size)), lo.v)) };
}

function unmerged(c: Cursor, node: Extract<Node, { kind: 'merge' }>): Cursor {
  const at = c.own.get(node.to.name);
  const inner = maxOf(node.inner.size);
  if (at === undefined || at.kind !== 'var') {
    const whole = at ?? constI(0);
    const own = changed(
      c.own,
      [node.to.name],
      [[node.outer.name, idiv(whole, inner)], [node.inner.name, imod(whole, inner)]],
    );
    return { ...c, node: node.x, own };
  }
  const { hi, lo, cursor } = dimsOfMerge(c, node, at.name);
  const own = changed(cursor.own, [node.to.name], [[node.outer.name, hi.v], [node.inner.name, lo.v]]);
  return { ...cursor, node: node.x, own };
}

function appended(c: Cursor, node: Extract<Node, { kind: 'append' }>, stored: Stored): Cursor {
  const name = node.to.name;
  const row = freshDim(c.domain, node.from, name);
  const own = changed(c.own, [name], [[node.from.name, row.v]]);
  const start = node.at === undefined ? constI(0) : inline(node.at, own, stored);
  const table = new Map([[name, iadd(start, row.v)]]);
  return {
    node: node.x,
    domain: c.domain.map((d) => (d.v.name === name ? row : d)),
    target: substitute(c.target, table),
    own,
  };
}

function part(c: Cursor, node: Extract<Node, { kind: 'concat' }>, i: number): Cursor {
  const name = node.axis.name;
  const extents = node.xs.map((x) => extentAlong(x, name, node.origin));
  const start = extents.slice(0, i).reduce((n, e) => n + e, 0);
  const at = c.own.get(name);
  // Below a part of one entry: such a concat has one part, which is all of it.
  if (at?.kind === 'const' && node.xs.length === 1) return { ...c, node: node.xs[0] };
  if (at === undefined || at.kind !== 'var') throw new Error('piece: a concat below a view that is not a variable');
  if (extents[i] === 1) {
    const next = redim(c, at.name, [], constI(start));
    return { ...next, node: node.xs[i], own: changed(next.own, [name], [[name, constI(0)]]) };
  }
  const dim: Dim = { v: variable(at.name, extents[i]), extent: constI(extents[i]) };
  const next = redim(c, at.name, [dim], iadd(dim.v, constI(start)));
  return { ...next, node: node.xs[i], own: changed(next.own, [name], [[name, dim.v]]) };
}

/** Pieces over one iteration space share their reductions: the two halves of a rotation read each weight once. */
function groupByDomain(pieces: readonly Piece[]): readonly Piece[] {
  const groups = new Map<string, Piece>();
  for (const p of pieces) {
    const key = p.domain.map((d) => `${d.v.name}<${d.extent.key}`).join();
    const same = groups.get(key);
    groups.set(key, same === undefined ? p : { ...same, stores: [...same.stores, ...p.stores] });
  }
  return [...groups.values()];
}

/** Keys of the stored values that a piece loads. */
export function loadsOf(piece: Piece): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const s of piece.stores) {
    for (const e of [s.index, s.value]) {
      for (const l of findAll(e, (x) => x.kind === 'load')) if (l.kind === 'load') keys.add(l.buffer);
    }
  }
  return keys;
}
