import type { VariableNames } from './names.ts';
import { atom, type Text } from './operators.ts';

type ScopeKind = 'root' | 'loop' | 'opaque';

/**
 * A block of WGSL being written. A value is computed in the outermost block that binds what it depends on; an opaque
 * block (a branch) keeps what is first needed inside it.
 */
export class Scope {
  readonly #names: VariableNames;
  readonly #kind: ScopeKind;
  readonly #parent: Scope | undefined;
  readonly #lines: string[] = [];
  readonly #bound = new Map<string, boolean>();
  readonly #known = new Map<string, string>();

  constructor(names: VariableNames, kind: ScopeKind = 'root', parent?: Scope) {
    this.#names = names;
    this.#kind = kind;
    this.#parent = parent;
  }

  child(kind: ScopeKind): Scope {
    return new Scope(this.#names, kind, this);
  }

  line(code: string): void {
    this.#lines.push(code);
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Puts a finished block into this one. */
  wrap(header: string, inner: Scope): void {
    this.#lines.push(`${header}${header === '' ? '' : ' '}{`, ...inner.lines.map((l) => `  ${l}`), '}');
  }

  /** Declares a variable of this block; `wide` when it stands for four neighbouring values. */
  bind(name: string, wide = false): void {
    this.#bound.set(name, wide);
    if (wide) for (let i = 0; i < 4; i++) this.#bound.set(`${name}@${i}`, false);
  }

  /** The outermost block in which a value with these free variables can stand. */
  home(free: ReadonlySet<string>): Scope {
    if (this.#parent === undefined || this.#kind === 'opaque') return this;
    for (const name of free) if (this.#bound.has(name)) return this;
    return this.#parent.home(free);
  }

  /** The name of a value that this block or one around it has already computed. */
  known(key: string): string | undefined {
    return this.#known.get(key) ?? (this.#parent === undefined ? undefined : this.#parent.known(key));
  }

  remember(key: string, name: string): void {
    this.#known.set(key, name);
  }

  isWide(free: ReadonlySet<string>): boolean {
    for (const name of free) if (this.#widthOf(name)) return true;
    return false;
  }

  #widthOf(name: string): boolean {
    const own = this.#bound.get(name);
    if (own !== undefined) return own;
    return this.#parent === undefined ? false : this.#parent.#widthOf(name);
  }

  /** The loop variable here that stands for four values. */
  wideVariable(): string {
    for (const [name, wide] of this.#bound) if (wide) return name;
    if (this.#parent === undefined) throw new Error('emit: no wide variable');
    return this.#parent.wideVariable();
  }

  variable(name: string): Text {
    const [stem, component] = name.split('@');
    const v = this.#names.of(stem);
    if (component !== undefined) return component === '0' ? atom(v) : { code: `${v} + ${component}`, strength: 5 };
    return this.#widthOf(name) ? { code: `vec4<i32>(0, 1, 2, 3) + ${v}`, strength: 5 } : atom(v);
  }
}
