/** A block of a function being written: its lines, the variables it binds, the values it has computed. */
export type ScopeKind = 'root' | 'loop' | 'opaque';

/**
 * A value is computed in the outermost block that binds what it depends on; an opaque block (a branch) keeps what is
 * first needed inside it. Locals of WebAssembly belong to the function, so a block only says when they are set.
 */
export class Scope {
  readonly #kind: ScopeKind;
  readonly #parent: Scope | undefined;
  readonly #lines: string[] = [];
  readonly #bound = new Map<string, boolean>();
  readonly #counters = new Set<string>();
  readonly #known = new Map<string, string>();

  constructor(kind: ScopeKind = 'root', parent?: Scope) {
    this.#kind = kind;
    this.#parent = parent;
  }

  child(kind: ScopeKind): Scope {
    return new Scope(kind, this);
  }

  line(code: string): void {
    this.#lines.push(code);
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Puts finished lines into this block, one step further in. */
  nest(head: string, inner: readonly string[], tail: string): void {
    this.#lines.push(head, ...inner.map((l) => `  ${l}`), tail);
  }

  /** Declares a number of this block, or four numbers side by side. */
  bind(name: string, wide = false): void {
    this.#bound.set(name, wide);
  }

  /** Declares the variable of a loop that takes four of its values at once. */
  bindCounter(name: string): void {
    this.#bound.set(name, true);
    this.#counters.add(name);
    for (let i = 0; i < 4; i++) this.#bound.set(`${name}@${i}`, false);
  }

  /** The outermost block in which a value with these free variables can stand. */
  home(free: ReadonlySet<string>): Scope {
    if (this.#parent === undefined || this.#kind === 'opaque') return this;
    for (const name of free) if (this.#bound.has(name)) return this;
    return this.#parent.home(free);
  }

  /** How many blocks are around this one. */
  get depth(): number {
    return this.#parent === undefined ? 0 : this.#parent.depth + 1;
  }

  /** The local that holds a value which this block or one around it has already computed. */
  known(key: string): string | undefined {
    return this.#known.get(key) ?? this.#parent?.known(key);
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

  /** The loop variable around here that stands for four values. */
  wideVariable(): string {
    for (const name of this.#counters) return name;
    if (this.#parent === undefined) throw new Error('emit: no loop over vectors around here');
    return this.#parent.wideVariable();
  }
}
