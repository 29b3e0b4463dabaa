import { operands, topological, users } from '../../dsl/graph.ts';
import type { Node } from '../../dsl/node.ts';
import { findAll } from '../expr/rewrite.ts';
import { isHeavy, isLeaf, recomputeCost, RECOMPUTE_LIMIT, writtenEntries } from './cost.ts';
import { postDominators } from './dominators.ts';
import type { Kind } from './kind.ts';
import { heldRows } from './hold-rows.ts';
import { Kinds, type Instance } from './kinds.ts';
import type { Store } from './piece.ts';
import { makesRow } from './prologue.ts';
import { repeatedMaps } from './repeated.ts';
import { Trial, type StoredKeys } from './stored-keys.ts';

export interface FuseOptions {
  /** Most storage buffers that one kernel may bind. */
  readonly maxBuffers: number;
  /** Whether cells compute in vectors of what lies side by side. */
  readonly vectors: boolean;
  /** Whether a row is made anew by each contraction of it, which then need not wait for another kernel. */
  readonly repeatRows: boolean;
  /** Whether a cell may hold what it makes row by row for what it makes next. */
  readonly chains: boolean;
}

/** The set of stored values while it is being decided. */
export class StoragePlan {
  readonly #outputs: readonly Node[];
  readonly #order: readonly Node[];
  readonly #users: ReadonlyMap<string, readonly Node[]>;
  readonly #options: FuseOptions;
  readonly #kinds = new Kinds();
  readonly #stored = new Set<string>();
  /** Maps that contractions would compute again and again. */
  readonly #repeated: ReadonlySet<string>;
  readonly #pinned = new Set<string>();
  /** What is stored for a value that makes rows anew, by its key: all but these. */
  readonly #views = new Map<string, Trial>();
  /** What the kernel of a value holds for itself, by the value's key. */
  readonly #held = new Map<string, ReadonlySet<string>>();

  constructor(outputs: readonly Node[], options: FuseOptions) {
    this.#outputs = outputs;
    this.#order = topological(outputs);
    this.#users = users(outputs);
    this.#options = options;
    for (const n of outputs) this.#pinned.add(n.key);
    for (const n of this.#order) if (isLeaf(n) || isKept(n)) this.#pinned.add(n.key);
    for (const key of this.#pinned) this.#stored.add(key);
    for (const n of this.#order) if (isHeavy(n)) this.#stored.add(n.key);
    this.#repeated = options.vectors ? repeatedMaps(this.#order) : new Set();
    // Users first: a map whose only user is stored is computed there once.
    for (const n of [...this.#order].reverse()) {
      if (n.kind === 'map' && this.#tooDearToRepeat(n)) this.#stored.add(n.key);
    }
  }

  #kind(root: Node, stored: StoredKeys): Kind {
    return this.#kinds.of(root, stored);
  }

  /** A map that contractions would evaluate again for every entry of their result, or that several kernels would. */
  #tooDearToRepeat(n: Node): boolean {
    const consumers = this.#rootsUsing(n, this.#stored);
    const contracted = consumers.some((c) => c.kind === 'dot' || c.kind === 'scatterAdd');
    if (consumers.length < 2 && !contracted) return false;
    return this.#isDear(n);
  }

  #isDear(n: Node): boolean {
    return this.#repeated.has(n.key) || recomputeCost(n, { has: (x) => this.#stored.has(x.key) }) > RECOMPUTE_LIMIT;
  }

  /** Maps that were dear until what they are computed from was stored. */
  #forgetCheap(): void {
    for (const n of this.#order) {
      if (n.kind === 'map' && !this.#pinned.has(n.key) && !this.#isDear(n)) this.#stored.delete(n.key);
    }
  }

  /** Stores an epilogue's result instead of the contraction before it, where all uses flow through that result. */
  sinkEpilogues(): void {
    this.#forgetCheap();
    const after = postDominators(this.#outputs);
    for (const h of this.#order) {
      if (!isHeavy(h) || this.#pinned.has(h.key)) continue;
      let best: Trial | undefined;
      for (let p = after.get(h.key); p !== undefined; p = after.get(p.key)) {
        if (isHeavy(p) || isLeaf(p) || writtenEntries(p) > writtenEntries(h) * 2) break;
        const trial = new Trial(this.#stored, h.key, p.key);
        const kind = this.#kind(p, trial);
        if (!this.#hasForm(kind) || this.#reaches(h, trial, p) || !this.#keepsWork(h, p, trial, kind)) break;
        best = trial;
        if (this.#stored.has(p.key)) break;
      }
      best?.applyTo(this.#stored);
    }
    this.#forgetCheap();
  }

  /** Whether a use of `h` is left that does not flow through `p`'s kernel. */
  #reaches(h: Node, trial: StoredKeys, p: Node): boolean {
    const roots = this.#rootsUsing(h, trial);
    return roots.length !== 1 || roots[0].key !== p.key;
  }

  /** Stored values that use `n` directly or through values that are not stored. */
  #rootsUsing(n: Node, stored: StoredKeys): readonly Node[] {
    const found = new Map<string, Node>();
    const passed = new Set<string>();
    const go = (x: Node): void => {
      for (const u of this.#users.get(x.key) ?? []) {
        if (stored.has(u.key)) found.set(u.key, u);
        else if (!passed.has(u.key)) {
          passed.add(u.key);
          go(u);
        }
      }
    };
    go(n);
    return [...found.values()];
  }

  /** Removes buffers between two kernels that are one kernel in some form: layer norm's mean, softmax's scores. */
  absorb(): void {
    for (const h of [...this.#order].reverse()) {
      if (!this.#stored.has(h.key) || this.#pinned.has(h.key)) continue;
      this.#without(h)?.applyTo(this.#stored);
    }
  }

  /** The stored set without `h`, where the one kernel that uses it then still has a form that pays. */
  #without(h: Node): Trial | undefined {
    const trial = new Trial(this.#stored, h.key);
    const roots = this.#rootsUsing(h, trial);
    if (roots.length !== 1 || writtenEntries(roots[0]) > MAX_ROW * writtenEntries(h)) return undefined;
    const kind = this.#kind(roots[0], trial);
    if (isHeavy(h)) return this.#hasForm(kind) && this.#keepsWork(h, roots[0], trial, kind) ? trial : undefined;
    // A dear map may go where each entry is evaluated once in a sweep, if need be together with the totals it uses.
    if (this.#sweeps(kind)) return trial;
    for (const n of this.#sweepsAbove(h)) {
      if (this.#pinned.has(n.key) || !trial.has(n.key)) continue;
      const owners = this.#rootsUsing(n, trial);
      if (owners.length === 1 && owners[0].key === roots[0].key) trial.remove(n.key);
    }
    return this.#sweeps(this.#kind(roots[0], trial)) ? trial : undefined;
  }

  /** Maps and reductions that `h` is computed from, users before operands, down to contractions and given values. */
  #sweepsAbove(h: Node): readonly Node[] {
    const found: Node[] = [];
    const seen = new Set<string>();
    const go = (n: Node): void => {
      if (seen.has(n.key) || isLeaf(n) || n.kind === 'dot' || n.kind === 'scatterAdd') return;
      seen.add(n.key);
      operands(n).forEach(go);
      if (n.kind === 'map' || n.kind === 'reduce') found.push(n);
    };
    operands(h).forEach(go);
    return found.reverse();
  }

  #sweeps(kind: Kind): boolean {
    const forms = kind.formed?.map((p) => p.form.kind) ?? [];
    return this.#hasForm(kind) && forms.every((f) => f === 'rows' || f === 'online');
  }

  /** Whether the one kernel of `root` and `h` does about the work of the two that it replaces. */
  #keepsWork(h: Node, root: Node, trial: StoredKeys, one: Kind): boolean {
    const apart: StoredKeys = { has: (key) => key === h.key || trial.has(key) };
    return this.#work(one) <= 1.25 * (this.#work(this.#kind(root, apart)) + this.#work(this.#kind(h, apart)));
  }

  #work(kind: Kind): number {
    return this.#options.vectors ? kind.workInVectors : kind.work;
  }

  #hasForm(kind: Kind): boolean {
    return kind.formed !== undefined && kind.buffers <= this.#options.maxBuffers;
  }

  /** Stores parts of values that load more buffers than a kernel may bind. */
  limitBuffers(): void {
    for (const root of this.#order) {
      if (!this.#stored.has(root.key) || isLeaf(root)) continue;
      for (let part = this.#partToStore(root); part !== undefined; part = this.#partToStore(root)) {
        this.#stored.add(part.key);
      }
    }
  }

  /** The part of a value with too many loads that takes most of them into a kernel of its own. */
  #partToStore(root: Node): Node | undefined {
    const loads = (n: Node): number => this.#kind(n, this.#stored).buffers;
    if (loads(root) <= this.#options.maxBuffers) return undefined;
    const parts = this.#partsOf(root)
      .map((n) => ({ n, count: loads(n) }))
      .filter((p) => p.count > 2 && p.count <= this.#options.maxBuffers);
    return parts.reduce<(typeof parts)[number] | undefined>(
      (best, p) => (best === undefined || p.count > best.count ? p : best),
      undefined,
    )?.n;
  }

  /** Maps below a value that its kernel computes on the way. */
  #partsOf(root: Node): readonly Node[] {
    const found = new Map<string, Node>();
    const go = (n: Node): void => {
      for (const x of operands(n)) {
        if (this.#stored.has(x.key) || found.has(x.key)) continue;
        found.set(x.key, x);
        go(x);
      }
    };
    go(root);
    return [...found.values()].filter((n) => n.kind === 'map');
  }

  /**
   * Has contractions make the row that they read, where it is one (a step's layer norm): what stores it for others is
   * then another kernel beside them, or none.
   */
  repeatRows(): void {
    if (!this.#options.repeatRows) return;
    for (const row of this.#order) {
      if (!this.#stored.has(row.key) || isLeaf(row) || !isOneRow(this.#kind(row, this.#stored))) continue;
      const readers = this.#rootsUsing(row, this.#stored);
      const makers = readers.filter((root) => this.#makes(row, root));
      if (makers.length === readers.length && !this.#pinned.has(row.key)) this.#stored.delete(row.key);
    }
  }

  /** Whether a value can be computed with a row that its kernel makes; from then on it is. */
  #makes(row: Node, root: Node): boolean {
    const view = new Trial(this.#viewOf(root), row.key);
    const kind = this.#kind(root, view);
    if (kind.formed?.every(({ form }) => makesRow(form)) !== true || kind.buffers > this.#options.maxBuffers) return false;
    this.#views.set(root.key, view);
    return true;
  }

  #viewOf(root: Node): StoredKeys {
    return this.#views.get(root.key) ?? this.#stored;
  }

  /** Has kernels hold what they make row by row on the way, where a device gains by it. */
  holdRows(): void {
    if (!this.#options.chains) return;
    const held = heldRows({
      order: this.#order, computations: this.result(), kinds: this.#kinds, maxBuffers: this.#options.maxBuffers,
      isFixed: (key) => this.#views.has(key), isPinned: (key) => this.#pinned.has(key),
    });
    for (const [root, keys] of held) {
      this.#held.set(root, keys);
      for (const key of keys) this.#stored.delete(key);
    }
  }

  /** The stored values that a kernel computes, in order. */
  result(): readonly { readonly root: Node; readonly instance: Instance }[] {
    const roots = this.#order.filter((n) => this.#stored.has(n.key) && !isLeaf(n));
    return roots.map((root) =>
      ({ root, instance: this.#kinds.instance(root, this.#viewOf(root), this.#held.get(root.key)) }));
  }
}

/** Values that are in memory by what they say. */
const isKept = (n: Node): boolean => n.kind === 'append' || n.kind === 'quantize';

/**
 * Whether a kernel makes one row, of totals that each cell that reads it can compute for itself. A row that is looked up in
 * a table is not meant: it is the first of all, and what reads it would be another kernel than in later layers.
 */
const isOneRow = (kind: Kind): boolean =>
  kind.formed?.every((p) => p.form.kind === 'rows' && p.form.rows.length === 0 && !p.stores.some(looksUp)) ?? false;

/** Whether something is read at an index that is itself read. */
const looksUp = ({ value }: Store): boolean => findAll(value, (e) => e.kind === 'load')
  .some((l) => l.kind === 'load' && findAll(l.index, (e) => e.kind === 'load').length > 0);

/** Longest row that one workgroup sweeps. */
const MAX_ROW = 1 << 16;
