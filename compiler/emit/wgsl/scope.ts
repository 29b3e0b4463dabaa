import { Block, type BlockKind } from '../block.ts';
import type { VariableNames } from './names.ts';
import { atom, type Text } from './operators.ts';

/** A block of WGSL. */
export class Scope extends Block<Scope> {
  readonly #names: VariableNames;

  constructor(names: VariableNames, kind: BlockKind = 'root', parent?: Scope) {
    super(kind, parent);
    this.#names = names;
  }

  protected self(): Scope {
    return this;
  }

  child(kind: BlockKind): Scope {
    return new Scope(this.#names, kind, this);
  }

  /** Puts a finished block into this one. */
  wrap(header: string, inner: Scope): void {
    this.line(`${header}${header === '' ? '' : ' '}{`, ...inner.lines.map((l) => `  ${l}`), '}');
  }

  variable(name: string): Text {
    const [stem, component] = name.split('@');
    const v = this.#names.of(stem);
    if (component !== undefined) return component === '0' ? atom(v) : { code: `${v} + ${component}`, strength: 5 };
    if (!this.isCounter(name)) return atom(v);
    const own = 'vec4<i32>(0, 1, 2, 3)';
    return this.isSingle(name) ? atom(own) : { code: `${own} + ${v}`, strength: 5 };
  }
}
