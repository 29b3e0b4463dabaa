/** A fault that someone might make: one place of one file that says something else. */
export interface Fault {
  readonly name: string;
  readonly file: string;
  /** Text that stands in the file once, and what replaces it. */
  readonly from: string;
  readonly to: string;
}

/** Known ways in which cached decoding goes wrong. */
export const FAULTS: readonly Fault[] = [
  {
    name: 'wrong position offset',
    file: 'models/pldr/prompt.ts',
    from: 'nextPosition: Int32Array.from(columns, (c) => c.length),',
    to: 'nextPosition: Int32Array.from(columns, (c) => c.length + 1),',
  },
  {
    name: 'G recomputed by accident',
    file: 'compiler/passes/stage.ts',
    from: 'if (options.supplied.has(node.label)) return',
    to: 'if (options.supplied.has(node.label) && node.x.kind === \'input\') return',
  },
  {
    name: 'stale cache row',
    file: 'compiler/fuse/piece.ts',
    from: 'const table = new Map([[name, iadd(start, row.v)]]);',
    to: 'const table = new Map([[name, iadd(row.v, constI(start.kind === \'const\' ? start.value : 0))]]);',
  },
  {
    name: 'missing mask',
    file: 'models/pldr/attention.ts',
    from: 'const seen = mul(inputs.visible, lessEqual(iota(Key), iota(Pos)));',
    to: 'const seen = mul(inputs.visible, lessEqual(iota(Key), iota(Key)));',
  },
  {
    name: 'transposed W',
    file: 'models/pldr/operator.ts',
    from: 'parameter(`${name}.${weight}`, [Head, Row, Mid]);',
    to: 'parameter(`${name}.${weight}`, [Head, Mid, Row]);',
  },
  {
    name: 'swapped RoPE style',
    file: 'models/pldr/attention.ts',
    from: "pairs: config.referenceRope ? 'neighbours' : 'halves'",
    to: "pairs: config.referenceRope ? 'halves' : 'neighbours'",
  },
  {
    name: 'two live buffers in one place',
    file: 'compiler/plan/arena.ts',
    from: 'placed.filter((p) => p.from <= v.to && v.from <= p.to)',
    to: 'placed.filter((p) => p.from < v.to && v.from < p.to)',
  },
  {
    name: 'dropped bias',
    file: 'models/pldr/weights.ts',
    from: 'return linear(x, from, weight, hasBias ? parameter(`${name}.bias`, [to]) : undefined);',
    to: 'return linear(x, from, weight, hasBias && from.name !== \'embed\' ? parameter(`${name}.bias`, [to]) : undefined);',
  },
  {
    name: 'padding counts in G',
    file: 'models/pldr/operator.ts',
    from: 'return dot(mul(rename(q, Dk, Row), present), rename(q, Dk, Col), Pos, { compensated: true });',
    to: 'return dot(rename(q, Dk, Row), rename(q, Dk, Col), Pos, { compensated: true });',
  },
  {
    name: 'ignored mask',
    file: 'models/pldr/prompt.ts',
    from: '.filter((j) => r.mask[j] !== 0)',
    to: '.filter((j) => j >= 0 || r.mask[j] !== 0)',
  },
];
