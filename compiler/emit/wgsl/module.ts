import type { Monoid } from '../../../dsl/node.ts';
import type { Expr } from '../../expr/expr.ts';
import type { BoundNest, GridDim, LoopNest, Stmt } from '../../loop/ir.ts';
import { sharedArray, sharedArrays } from '../../loop/shared-memory.ts';
import { sharedNest } from '../../loop/workgroup.ts';
import type { ProgramSize } from '../../program.ts';
import { boundTo } from '../bound.ts';
import { BodyEmitter } from './body.ts';
import { dealtSum, helpersFor, laneTotal, partialArray } from './helpers.ts';
import { Scope } from './scope.ts';
import type { VariableNames } from './names.ts';
import { localSlot, type Slot, type Slots, type Width } from './slots.ts';
import { declarable } from './words.ts';

/** One variable of a module that is bound to memory. */
export interface BindingText {
  readonly variable: string;
  readonly access: 'read' | 'write';
  readonly type: 'f32' | 'i32' | 'u32';
  readonly width: Width;
  readonly comment: string;
}

export interface ModuleInput {
  readonly title: string;
  readonly sizes: readonly ProgramSize[];
  readonly nests: readonly BoundNest[];
  readonly bindings: readonly BindingText[];
  /** Where each stored value lies, by key. */
  readonly slots: Slots;
  /** Lanes of a subgroup, where nests of that many lanes may use subgroup operations. */
  readonly subgroup: number | undefined;
  /** Threads of a workgroup. Where a nest's cells are single threads, it runs as many of them. */
  readonly threads: number;
  /** Whether drivers may unroll loops of known length. */
  readonly unroll: boolean;
}

/** WGSL of one kernel. Loop variables are axes; the title names the source line the kernel came from. */
export function moduleText(input: ModuleInput): string {
  const lanes = sharedNest(input.nests)?.lanes ?? 1;
  const hasParts = input.nests.some((n) => n.parts !== undefined);
  const totals = new Set<Monoid>();
  const written = input.nests.map((nest, i) => partText(nest, i, input, totals));
  const parts = written.map((w) => w.text);
  const subgroup = lanes > 1 && lanes === input.subgroup;
  const lanesCode = [...totals].map((m) => laneTotal(m, lanes, subgroup));
  const code = [
    ...(totals.size > 0 && !subgroup ? [partialArray(lanes)] : []),
    ...lanesCode,
    ...(written.some((w) => w.deals) ? [dealtSum(lanes)] : []),
    ...parts,
    mainText(input),
  ].join('\n\n');
  const asksLanes = hasParts || written.some((w) => w.spreads) || (subgroup && totals.size > 0);
  const isGuarded = hasParts || input.nests.some((n) => n.body.some((s) => guardsLanes(s, false)));
  const head = asksLanes ? `enable subgroups;\n${hasParts ? NUMBERED : ''}${isGuarded ? TRUSTED : ''}\n` : '';
  const helpers = helpersFor(code);
  return `// ${input.title}\n${head}${declarations(input)}\n${helpers === '' ? '' : `\n${helpers}`}\n${code}\n`;
}

/** Dawn says which subgroup of a workgroup a thread is in; that they follow the threads' order is promised nowhere. */
const NUMBERED = 'requires subgroup_id;\n';

/** All lanes of a subgroup take the same branch, by what they have from each other: WGSL does not see it. */
const TRUSTED = 'diagnostic(off, subgroup_uniformity);\n';

/** Whether lanes may take values from each other inside a branch. */
function guardsLanes(s: Stmt, isInside: boolean): boolean {
  if (s.kind === 'fold') return isInside;
  if (s.kind !== 'loop' && s.kind !== 'guard') return false;
  return s.body.some((x) => guardsLanes(x, isInside || s.kind === 'guard'));
}

function declarations(input: ModuleInput): string {
  const sizes = ['one: i32', ...input.sizes.map((s) => `${declarable(s.name)}: i32`)].join(', ');
  const bindings = input.bindings.map((b, i) => {
    const element = b.width === 1 ? b.type : `vec${b.width}<${b.type}>`;
    const access = b.access === 'read' ? 'read' : 'read_write';
    return `@group(0) @binding(${i + 1}) var<storage, ${access}> ${b.variable}: array<${element}>; // ${b.comment}`;
  });
  const locals = sharedArrays(input.nests).map(({ array: l, nest }) => {
    const entries = l.fours === true ? `vec4<${l.type}>, ${l.size / 4}` : `${l.type}, ${l.size}`;
    return `var<workgroup> ${localName(l.name, nest)}: array<${entries}>;`;
  });
  return [
    `struct Sizes { ${sizes} }`,
    '@group(0) @binding(0) var<uniform> sizes: Sizes;',
    ...bindings,
    ...locals,
  ].join('\n');
}

const localName = (name: string, part: number): string => `${name.replace('local:', '')}_${part}`;

function partText(
  nest: BoundNest, i: number, input: ModuleInput, totals: Set<Monoid>,
): { readonly text: string; readonly spreads: boolean; readonly deals: boolean } {
  const slots = new Map<string, Slot>(boundTo(nest, input.slots));
  for (const l of nest.locals) {
    const part = l.dealt === undefined ? sharedArray(input.nests, l).nest : i;
    slots.set(l.name, localSlot(localName(l.name, part), l));
  }
  const emitter = new BodyEmitter(nest, slots, input.unroll);
  const scope = new Scope(emitter.names);
  for (const line of decode(nest.grid, emitter.names)) scope.line(line);
  for (const d of nest.grid) scope.bind(d.v.name);
  if (nest.parts !== undefined) scope.bind(nest.parts.v.name);
  emitter.emit(scope);
  for (const m of emitter.needs.totals) totals.add(m);
  const part = nest.parts === undefined ? '' : `, ${emitter.names.of(nest.parts.v.name)}: i32`;
  const text = `fn part${i}(cell: i32, lane: i32${part}) {\n${scope.lines.map((l) => `  ${l}`).join('\n')}\n}`;
  return { text, spreads: emitter.needs.spreads || emitter.needs.deals, deals: emitter.needs.deals };
}

const extentText = (e: Expr): string =>
  (e.kind === 'const' ? String(e.value) : e.kind === 'size' ? `sizes.${declarable(e.name)}` : '1');

const cellsAlong = (d: GridDim): string => {
  if (d.step === 1) return extentText(d.extent);
  if (d.extent.kind === 'const') return String(Math.ceil(d.extent.value / d.step));
  return `(${extentText(d.extent)} + ${d.step - 1}) / ${d.step}`;
};

/** The grid variables of a cell; the last dimension varies fastest. */
function decode(grid: readonly GridDim[], names: VariableNames): readonly string[] {
  const lines: string[] = [];
  let rest = 'cell';
  for (const [i, d] of [...grid].reverse().entries()) {
    const last = i === grid.length - 1;
    const own = last ? rest : `${paren(rest)} % ${parenthesized(cellsAlong(d))}`;
    lines.push(`let ${names.of(d.v.name)} = ${d.step === 1 ? own : `${paren(own)} * ${d.step}`};`);
    rest = `${paren(rest)} / ${parenthesized(cellsAlong(d))}`;
  }
  return lines;
}

const paren = (code: string): string =>
  (code.includes(' ') && !code.includes('%') ? code : code.includes('%') ? `(${code})` : code);
const parenthesized = (code: string): string => (code.includes(' ') ? `(${code})` : code);

/** The number of a thread in its workgroup; where this is several subgroups, in its own, and which of them that is. */
const threadText = ({ parts }: LoopNest): string =>
  (parts === undefined ? '@builtin(local_invocation_index) thread: u32,'
    : '@builtin(subgroup_invocation_id) thread: u32, @builtin(subgroup_id) subgroup: u32,');

function mainText(input: ModuleInput): string {
  const { threads } = input;
  const lines: string[] = ['let lane = i32(thread);', 'var group = i32(workgroup.x + workgroup.y * workgroups.x);'];
  input.nests.forEach((nest, i) => {
    const cells = nest.grid.length === 0 ? '1' : nest.grid.map((d) => parenthesized(cellsAlong(d))).join(' * ');
    const single = nest.lanes === 1;
    const groups = single ? `(${cells} + ${threads - 1}) / ${threads}` : cells;
    const run = single
      ? [`    let cell = group * ${threads} + lane;`, `    if (cell < ${cells}) { part${i}(cell, 0); }`]
      : [`    part${i}(group, lane${nest.parts === undefined ? '' : ', i32(subgroup)'});`];
    lines.push(`if (group < ${groups}) {`, ...run.map((l) => l.slice(2)), '  return;', '}');
    if (i < input.nests.length - 1) lines.push(`group -= ${groups};`);
  });
  return `@compute @workgroup_size(${threads})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>, @builtin(num_workgroups) workgroups: vec3<u32>,
  ${threadText(sharedNest(input.nests) ?? input.nests[0])}
) {
${lines.map((l) => `  ${l}`).join('\n')}
}`;
}
