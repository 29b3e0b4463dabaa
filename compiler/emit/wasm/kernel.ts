import type { Expr } from '../../expr/expr.ts';
import type { BoundNest, GridDim, LoopNest, Stmt } from '../../loop/ir.ts';
import type { ProgramSize } from '../../program.ts';
import { boundTo } from '../bound.ts';
import { BodyEmitter, type BodyTarget } from './body.ts';
import { Locals, type Slot, type Slots } from './locals.ts';
import type { Use } from './operators.ts';
import { Scope } from './scope.ts';
import { i32, local } from './value.ts';

export interface KernelInput {
  readonly sizes: readonly ProgramSize[];
  readonly nests: readonly BoundNest[];
  /** How many buffers it is given pointers to. */
  readonly pointers: number;
  /** Where each stored value lies, by key. */
  readonly slots: Slots;
  /** Whether vectors may multiply and add in one instruction. */
  readonly fused: boolean;
}

/** A kernel's function without its name, and the memory that it wants for itself. */
export interface KernelText {
  readonly code: string;
  readonly scratchBytes: number;
}

/** What the emitter names begins with a dot, which no axis does. */
export const pointerName = (i: number): string => `.p${i}`;

/**
 * Parameters of every kernel: where the sizes lie (a 1, then the program's sizes), memory of its own, a pointer to each
 * buffer, and the cells to run, from `begin` to before `end`. Cells of several nests are counted one nest after the other.
 */
export function kernelText(input: KernelInput, use: Use): KernelText {
  const locals = new Locals();
  const root = new Scope();
  input.sizes.forEach((s, i) => {
    root.line(`(local.set $${locals.declare(`#${s.name}`, 'i32')} (i32.load offset=${4 * (i + 1)} ${local('.sizes')}))`);
  });
  let scratch = 0;
  for (const nest of input.nests) {
    const own = memoryOf(nest, scratch);
    scratch = own.end;
    const slots = new Map([...boundTo(nest, input.slots), ...own.slots]);
    emitNest(nest, slots, locals, root, { use, fused: input.fused });
  }
  const pointers = Array.from({ length: input.pointers }, (_, i) => `(param $${pointerName(i)} i32)`);
  const head = [
    '(param $.sizes i32) (param $.scratch i32)', ...pointers, '(param $.begin i32) (param $.end i32)',
  ].join(' ');
  const lines = [...locals.declarations, ...root.lines];
  return { code: `${head}\n${lines.map((l) => `  ${l}`).join('\n')}`, scratchBytes: scratch };
}

/** Memory of a nest's own: what lanes of a GPU share, and totals that later loops take by index. */
function memoryOf(nest: LoopNest, from: number): { readonly slots: ReadonlyMap<string, Slot>; readonly end: number } {
  const wanted = [...nest.locals.map((l) => [l.name, l.size] as const), ...nest.body.flatMap(arraysIn)];
  let end = from;
  const slots = wanted.map(([name, size]): [string, Slot] => {
    const slot: Slot = { pointer: '.scratch', offset: end, type: 'f32', storage: 'f32' };
    end += Math.ceil(size / 4) * 16;
    return [name, slot];
  });
  return { slots: new Map(slots), end };
}

/** Names and sizes of the arrays that a statement or those inside it make. */
function arraysIn(s: Stmt): readonly (readonly [string, number])[] {
  if (s.kind === 'array') return [[s.name, s.values.length]];
  return s.kind === 'loop' || s.kind === 'guard' ? s.body.flatMap(arraysIn) : [];
}

function emitNest(nest: LoopNest, slots: Slots, locals: Locals, root: Scope, target: BodyTarget): void {
  const memory = new Set([...slots].filter(([, s]) => s.pointer === '.scratch').map(([name]) => name));
  const [cell, last, cells] = ['.cell', '.last', '.cells'].map((n) => locals.declare(n, 'i32'));
  const label = locals.label();
  root.line(`;; ${nest.name}`);
  root.line(`(local.set $${cells} ${product(nest.grid.map(cellsAlong))})`);
  root.line(`(local.set $${cell} (select ${local('.begin')} ${i32(0)} (i32.gt_s ${local('.begin')} ${i32(0)})))`);
  root.line(`(local.set $${last} (select ${local('.end')} ${local(cells)} (i32.lt_s ${local('.end')} ${local(cells)})))`);
  const scope = root.child('loop');
  for (const line of decode(nest.grid, cell, locals)) scope.line(line);
  for (const d of nest.grid) scope.bind(d.v.name);
  new BodyEmitter(nest, slots, memory, locals, target).emit(scope);
  const next = `(local.tee $${cell} (i32.add ${local(cell)} ${i32(1)}))`;
  root.nest(
    `(if (i32.lt_s ${local(cell)} ${local(last)}) (then (loop $${label}`,
    [...scope.lines, `(br_if $${label} (i32.lt_s ${next} ${local(last)}))`], ')))',
  );
  for (const edge of ['.begin', '.end']) root.line(`(local.set $${edge} (i32.sub ${local(edge)} ${local(cells)}))`);
}

const product = (xs: readonly string[]): string => xs.reduce((a, b) => `(i32.mul ${a} ${b})`, i32(1));

const extentText = (e: Expr): string =>
  (e.kind === 'const' ? i32(e.value) : e.kind === 'size' ? local(`#${e.name}`) : i32(1));

function cellsAlong(d: GridDim): string {
  if (d.extent.kind === 'const') return i32(Math.ceil(d.extent.value / d.step));
  if (d.step === 1) return extentText(d.extent);
  return `(i32.div_u (i32.add ${extentText(d.extent)} ${i32(d.step - 1)}) ${i32(d.step)})`;
}

/** The grid's variables of a cell; the last dimension varies fastest. */
function decode(grid: readonly GridDim[], cell: string, locals: Locals): readonly string[] {
  const lines: string[] = [];
  const rest = locals.declare('.rest', 'i32');
  lines.push(`(local.set $${rest} ${local(cell)})`);
  for (const [i, d] of [...grid].reverse().entries()) {
    const last = i === grid.length - 1;
    const own = last ? local(rest) : `(i32.rem_u ${local(rest)} ${cellsAlong(d)})`;
    const name = locals.declare(d.v.name, 'i32');
    lines.push(`(local.set $${name} ${d.step === 1 ? own : `(i32.mul ${own} ${i32(d.step)})`})`);
    if (!last) lines.push(`(local.set $${rest} (i32.div_u ${local(rest)} ${cellsAlong(d)}))`);
  }
  return lines;
}
