import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maxOf } from '../../dsl/axis.ts';
import type { RicciError } from '../../dsl/errors.ts';
import { rewrite, topological } from '../../dsl/graph.ts';
import type { Node } from '../../dsl/node.ts';
import { makeInput, makeParameter } from '../../dsl/nodes/leaves.ts';
import { makeFreeze } from '../../dsl/nodes/staging.ts';
import { makeStopGradient } from '../../dsl/nodes/stop-gradient.ts';
import { makeConcat, makeMerge, makeSlice, makeSplit } from '../../dsl/nodes/views.ts';
import { entriesOf } from '../../compiler/fuse/cost.ts';
import type { Dense } from '../../compiler/interpret/dense.ts';
import { interpret, type Environment } from '../../compiler/interpret/interpret.ts';
import { RULES, simplify } from '../../compiler/passes/simplify.ts';
import { splitWeights, weightRows } from '../../compiler/passes/split.ts';
import { stage, stateInput } from '../../compiler/passes/stage.ts';
import { verify } from '../../compiler/passes/verify.ts';
import { fusible, graphs, type GraphCase } from '../../verify/arbitraries/graphs/index.ts';
import { add, exp, mapExpr, mul, NOWHERE, rename } from '../../verify/arbitraries/graphs/ops.ts';
import { at, isFixed } from '../../verify/arbitraries/graphs/pool.ts';
import { runs } from '../support/runs.ts';
import { expectSame } from '../support/same.ts';

const anyGraph = fc.oneof(graphs, fusible);

describe('simplify', () => {
  test('keeps every bit of the meaning', () => {
    fc.assert(fc.property(anyGraph, ({ outputs, env }) => {
      expectSame(interpret(simplify(outputs), env), interpret(outputs, env));
    }), runs(300));
  });

  test('makes graphs that verify', () => {
    fc.assert(fc.property(anyGraph, ({ outputs }) => { verify(simplify(outputs), 'simplify'); }), runs(100));
  });
});

/** What the parts of weights are given: their rows of the whole. */
function partsOf(roots: readonly Node[], env: Environment): Environment {
  const parameters: Record<string, Dense> = {};
  for (const node of topological(roots)) {
    if (node.kind !== 'parameter') continue;
    const { name, rows } = weightRows(node.name);
    const whole = env.parameters?.[name] ?? expect.unreachable(`the weight ${name} is given`);
    if (rows === undefined) {
      parameters[node.name] = whole;
      continue;
    }
    const row = whole.data.length / whole.sizes[0];
    const data = whole.data.slice(rows.start * row, (rows.start + rows.count) * row);
    parameters[node.name] = { ...whole, sizes: [rows.count, ...whole.sizes.slice(1)], data };
  }
  return { ...env, parameters };
}

describe('splitWeights', () => {
  test('keeps the meaning, and leaves no weight above the limit that has more than one row', () => {
    let split = 0;
    fc.assert(fc.property(fusible, fc.constantFrom(64, 128, 512), ({ outputs, env }, limit) => {
      const parts = splitWeights(outputs, limit);
      split += topological(parts).filter((n) => n.kind === 'parameter' && weightRows(n.name).rows !== undefined).length;
      expectSame(interpret(parts, partsOf(parts, env)), interpret(outputs, env));
      for (const n of topological(parts)) {
        if (n.kind === 'parameter' && entriesOf(n) * 4 > limit) expect(maxOf(n.axes[0].size)).toBe(1);
      }
    }), runs(100));
    expect(split).toBeGreaterThan(20);
  });
});

/** For every rule: how to put the pattern on top of a value, by free choices; undefined where that cannot be. */
const PATTERNS: Readonly<Record<string, (x: Node, p: number, q: number) => Node | undefined>> = {
  'rename-to-itself': (x, p) => { const a = at(x.axes, p); return a && rename(x, a.name, a); },
  'rename-twice': (x, p, q) => {
    const a = at(x.axes, p);
    const back = q % 2 === 0;
    const to = (name: string) => ({ name, size: a?.size ?? 1 });
    return a && rename(rename(x, a.name, to('b')), 'b', to(back ? a.name : 'c'));
  },
  'split-after-merge': (x, p, q) => {
    const fixed = x.axes.filter(isFixed);
    const [a, b] = [at(fixed, p), at(fixed, q === 0 ? p + 2 : p + 1)];
    if (a === undefined || b === undefined || a === b) return undefined;
    const whole = makeMerge(x, a.name, b.name, { name: 'ab', size: maxOf(a.size) * maxOf(b.size) }, NOWHERE);
    return makeSplit(whole, 'ab', a, b, NOWHERE);
  },
  'slice-of-all': (x, p) => {
    const a = at(x.axes.filter(isFixed), p);
    return a && makeSlice(x, a.name, 0, maxOf(a.size), NOWHERE);
  },
  'concat-of-one': (x, p) => { const a = at(x.axes.filter(isFixed), p); return a && makeConcat([x], a.name, NOWHERE); },
  'stop-gradient': (x) => makeStopGradient(x, NOWHERE),
  'map-identity': (x) => mapExpr({ arity: 1, ops: [{ op: 'arg', index: 0 }], result: 0 }, [x], x.dtype),
};

describe.each(RULES)('the rule $name: $law', (rule) => {
  const patterns = fc.tuple(graphs, fc.nat(5), fc.nat(5))
    .map(([c, p, q]): readonly [Node | undefined, Environment] => [PATTERNS[rule.name](c.outputs[0], p, q), c.env]);

  test('holds wherever it applies', () => {
    let applied = 0;
    fc.assert(fc.property(patterns, ([node, env]) => {
      const replaced = node && rule.apply(node);
      if (node === undefined || replaced === undefined) return;
      applied += 1;
      expectSame(interpret([replaced], env), interpret([node], env));
    }), runs(300));
    expect(applied).toBeGreaterThan(10);
  });
});

/** Ways in which a pass could break a node. */
const PLANTS: readonly ((node: Node) => Node | undefined)[] = [
  (n) => (n.axes.length > 1 ? { ...n, axes: [...n.axes].reverse() } : undefined),
  (n) => (n.axes.length > 0 ? { ...n, axes: n.axes.map((a) => ({ ...a, size: maxOf(a.size) + 1 })) } : undefined),
  (n) => ({ ...n, dtype: n.dtype === 'f32' ? 'i32' : 'f32' }),
  (n) => ({ ...n, key: `${n.key}0` }),
  (n) => (n.kind === 'dot' && n.a.key !== n.b.key ? { ...n, a: n.b, b: n.a } : undefined),
  (n) => {
    const turned = n.kind === 'map' ? [...n.args].reverse() : [];
    const differs = n.kind === 'map' && turned.some((x, i) => x.key !== n.args[i].key);
    return differs ? { ...n, args: turned } : undefined;
  },
];

/** Leaves other than inputs are their own constructors' results: there is nothing to compare them with. */
const isChecked = (n: Node): boolean => n.kind !== 'parameter' && n.kind !== 'constant' && n.kind !== 'table';

describe('verify', () => {
  test('accepts what the constructors make', () => {
    fc.assert(fc.property(anyGraph, ({ outputs, nodes }) => {
      expect(verify(outputs)).toBe(outputs);
      verify(nodes);
    }), runs(100));
  });

  test('rejects a node that is not what its operands make', () => {
    let planted = 0;
    fc.assert(fc.property(anyGraph, fc.nat(20), fc.nat(5), ({ nodes }, n, way) => {
      const node = at(nodes.filter(isChecked), n);
      const broken = node && PLANTS[way](node);
      if (broken === undefined) return;
      planted += 1;
      expect(() => verify([broken], 'a test')).toThrowError(
        expect.objectContaining<Partial<RicciError>>({ name: 'RicciError' }),
      );
    }), runs(300));
    expect(planted).toBeGreaterThan(100);
  });
});

test('two different inputs of one name are refused', () => {
  const [a, b] = [2, 3].map((size) => makeInput('x', [{ name: 'a', size }], 'f32', NOWHERE));
  expect(() => verify([a, b]))
    .toThrowError(expect.objectContaining<Partial<RicciError>>({ code: 'compiler/name-twice' }));
});

const NOTHING: ReadonlySet<string> = new Set();

/** Random graphs in which some value that the outputs need is frozen. */
const frozenGraphs = fc.tuple(anyGraph, fc.nat(20)).map(([c, n]): Pick<GraphCase, 'outputs' | 'env'> => {
  const chosen = at(topological(c.outputs), n);
  const freeze = (node: Node, original: Node): Node =>
    (original.key === chosen?.key ? makeFreeze(node, 'chosen', NOWHERE) : node);
  return { outputs: rewrite(c.outputs, freeze), env: c.env };
});

describe('stage', () => {
  test('with nothing supplied is the identity', () => {
    fc.assert(fc.property(anyGraph, ({ outputs, env }) => {
      const staged = stage(outputs, { supplied: NOTHING, kept: NOTHING, caches: 'none' });
      expectSame(interpret(staged.outputs, env), interpret(outputs, env));
      expect(topological(staged.outputs).filter((n) => n.kind === 'freeze' || n.kind === 'cache')).toEqual([]);
    }), runs(200));
  });

  test('gives the same outputs when it is supplied with what was kept', () => {
    fc.assert(fc.property(frozenGraphs, ({ outputs, env }) => {
      const labels = new Set(topological(outputs).flatMap((n) => (n.kind === 'freeze' ? [n.label] : [])));
      const first = stage(outputs, { supplied: NOTHING, kept: labels, caches: 'none' });
      const later = stage(outputs, { supplied: labels, kept: NOTHING, caches: 'none' });
      const states = interpret([...first.states.values()], env);
      const given = Object.fromEntries([...first.states.keys()].map((label, i) => [stateInput(label), states[i]]));
      expectSame(interpret(later.outputs, { ...env, inputs: { ...env.inputs, ...given } }), interpret(outputs, env));
    }), runs(200));
  });

  test('needs nothing that only a supplied value was made of', () => {
    const x = makeInput('x', [{ name: 'a', size: 2 }], 'f32', NOWHERE);
    const net = mul(exp(x), makeParameter('w', x.axes, 'f32', NOWHERE));
    const frozen = add(x, makeFreeze(net, 'net', NOWHERE));
    const later = stage([frozen], { supplied: new Set(['net']), kept: NOTHING, caches: 'none' });
    const names = topological(later.outputs).map((n) => (n.kind === 'input' ? n.name : n.kind));
    expect(names).toEqual(['x', 'state:net', 'map']);
  });

  test('refuses one label for two values', () => {
    const x = makeInput('x', [{ name: 'a', size: 2 }], 'f32', NOWHERE);
    const twice = [makeFreeze(x, 'label', NOWHERE), makeFreeze(exp(x), 'label', NOWHERE)];
    expect(() => stage(twice, { supplied: NOTHING, kept: NOTHING, caches: 'none' }))
      .toThrowError(expect.objectContaining<Partial<RicciError>>({ code: 'stage/label-twice' }));
  });
});
