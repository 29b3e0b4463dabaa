/**
 * Where a value may be kept: an opaque block (a branch) keeps what is first needed inside it. A turn of a fold writes
 * no memory, so that it may keep what it reads from memory that statements around it write.
 */
export type BlockKind = 'root' | 'loop' | 'turn' | 'opaque';

/**
 * A block of code being written, whatever the language: its lines, what it binds, the values it has computed. A value is
 * computed in the outermost block that binds what it depends on.
 */
export abstract class Block<Self extends Block<Self>> {
  readonly #kind: BlockKind;
  readonly #parent: Self | undefined;
  readonly #lines: string[] = [];
  readonly #bound = new Map<string, boolean>();
  readonly #counters = new Set<string>();
  readonly #single = new Set<string>();
  readonly #known = new Map<string, string>();

  constructor(kind: BlockKind, parent: Self | undefined) {
    this.#kind = kind;
    this.#parent = parent;
  }

  protected abstract self(): Self;

  line(...code: readonly string[]): void {
    this.#lines.push(...code);
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Declares a number of this block, or four numbers side by side. */
  bind(name: string, wide = false): void {
    this.#bound.set(name, wide);
  }

  /**
   * Declares the variable of a loop that takes four of its values at once; `v@2` is the third of them.
   * @param isSingle whether the loop has one turn, in which the third of them is 2
   */
  bindCounter(name: string, isSingle = false): void {
    this.#bound.set(name, true);
    this.#counters.add(name);
    if (isSingle) this.#single.add(name);
    for (let i = 0; i < 4; i++) this.#bound.set(`${name}@${i}`, false);
  }

  /** The outermost block in which a value with these free variables can stand. */
  home(free: ReadonlySet<string>): Self {
    if (this.#parent === undefined || this.#kind === 'opaque') return this.self();
    for (const name of free) if (this.#bound.has(name)) return this.self();
    return this.#parent.home(free);
  }

  /** Whether nothing in this block writes what it reads. */
  get isSteady(): boolean {
    return this.#kind === 'turn';
  }

  /** How many blocks are around this one. */
  get depth(): number {
    return this.#parent === undefined ? 0 : this.#parent.depth + 1;
  }

  /** The name of a value that this block or one around it has already computed. */
  known(key: string): string | undefined {
    return this.#known.get(key) ?? this.#parent?.known(key);
  }

  remember(key: string, name: string): void {
    this.#known.set(key, name);
  }

  isWide(free: ReadonlySet<string>): boolean {
    for (const name of free) if (this.widthOf(name)) return true;
    return false;
  }

  /** Whether a name stands for four values here. */
  widthOf(name: string): boolean {
    return this.#bound.get(name) ?? this.#parent?.widthOf(name) ?? false;
  }

  /** Whether a name counts the turns of a loop that takes four of its values at once. */
  isCounter(name: string): boolean {
    return this.#counters.has(name) || (!this.#bound.has(name) && (this.#parent?.isCounter(name) ?? false));
  }

  /** Whether a name counts the one turn of a loop. */
  isSingle(name: string): boolean {
    return this.#single.has(name) || (!this.#bound.has(name) && (this.#parent?.isSingle(name) ?? false));
  }

  /** The loop variable around here that stands for four values. */
  wideVariable(): string {
    for (const name of this.#counters) return name;
    if (this.#parent === undefined) throw new Error('emit: no loop over vectors around here');
    return this.#parent.wideVariable();
  }
}
