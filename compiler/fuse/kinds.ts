import { showAxes } from '../../dsl/axis.ts';
import { operands, rebuild } from '../../dsl/graph.ts';
import type { Node } from '../../dsl/node.ts';
import { makeInput } from '../../dsl/nodes/leaves.ts';
import { storageOf } from './cost.ts';
import { Kind } from './kind.ts';
import type { StoredKeys } from './stored-keys.ts';

/** A value of some kind: the key of the value that each input of the kind, and its root, stand for. */
export interface Instance {
  readonly kind: Kind;
  readonly values: ReadonlyMap<string, string>;
}

/** The kinds that were met while one graph was fused. */
export class Kinds {
  readonly #operations = new Map<string, number>();
  readonly #known = new Map<string, Kind>();

  /** The kind of a value where others are stored. @param held keys of values that a cell keeps for itself */
  of(root: Node, stored: StoredKeys, held: ReadonlySet<string> = NOTHING): Kind {
    const { text } = this.#outline(root, stored, held);
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const made = kindOf(root, stored, held);
    this.#known.set(text, made);
    return made;
  }

  /** A value as one of its kind. */
  instance(root: Node, stored: StoredKeys, held: ReadonlySet<string> = NOTHING): Instance {
    const kind = this.of(root, stored, held);
    const { inputs } = this.#outline(root, stored, held);
    const values = inputs.map((n, i): [string, string] => [inputFor(n, i).key, n.key]);
    return { kind, values: new Map([...values, [kind.root.key, root.key]]) };
  }

  /**
   * What tells kinds apart, and the stored values that are loaded as they are met: every value down to those by its
   * operation and the numbers of its operands, stored ones by type, storage and axes.
   */
  #outline(root: Node, stored: StoredKeys, held: ReadonlySet<string>): { readonly text: string; readonly inputs: readonly Node[] } {
    const numbers = new Map<string, number>();
    const inputs: Node[] = [];
    const texts: string[] = [];
    const go = (n: Node): number => {
      const known = numbers.get(n.key);
      if (known !== undefined) return known;
      if (n !== root && stored.has(n.key)) {
        inputs.push(n);
        texts.push(`${n.dtype} ${storageOf(n)}${showAxes(n.axes)}`);
      } else {
        const xs = operands(n).map(go);
        texts.push(`${held.has(n.key) ? 'held ' : ''}${this.#numberOf(n.operation)}(${xs.join()})`);
      }
      numbers.set(n.key, numbers.size);
      return numbers.size - 1;
    };
    go(root);
    return { text: texts.join(''), inputs };
  }

  /** Operations are long texts, and many values share one. */
  #numberOf(operation: string): number {
    const known = this.#operations.get(operation) ?? this.#operations.size;
    this.#operations.set(operation, known);
    return known;
  }
}

/** The input that stands for a stored value in the kind of those that load it; how it is kept is a part of the kind. */
const inputFor = (n: Node, i: number): Node => makeInput(`value ${i}`, n.axes, n.dtype, n.origin, storageOf(n));

const NOTHING: ReadonlySet<string> = new Set();

function kindOf(root: Node, stored: StoredKeys, held: ReadonlySet<string>): Kind {
  const done = new Map<string, Node>();
  let inputs = 0;
  const go = (n: Node): Node => {
    const known = done.get(n.key);
    if (known !== undefined) return known;
    const made = n !== root && stored.has(n.key) ? inputFor(n, inputs++) : over(n, operands(n).map(go));
    done.set(n.key, made);
    return made;
  };
  const made = go(root);
  // Operands are done before what is computed from them.
  return new Kind(made, [...done].flatMap(([key, n]) => (held.has(key) ? [n] : [])));
}

const over = (n: Node, xs: readonly Node[]): Node => {
  const own = operands(n);
  return xs.every((x, i) => x === own[i]) ? n : rebuild(n, xs);
};
