import type { Storage } from '../../../dsl/node.ts';
import type { LaneType, ValueType } from './value.ts';

/** A type that a local may have; f64 only ever holds running totals. */
export type LocalType = ValueType | 'f64';

/** The locals of one function. A name may be set again, in blocks that follow one another, but never with another type. */
export class Locals {
  readonly #types = new Map<string, LocalType>();
  #count = 0;

  /** Declares a name; the same name again must be of the same type. */
  declare(name: string, type: LocalType): string {
    const known = this.#types.get(name);
    if (known !== undefined && known !== type) throw new Error(`emit: the local ${name} is ${known} and ${type}`);
    this.#types.set(name, type);
    return name;
  }

  /** A name that nothing else has. */
  fresh(stem: string, type: LocalType): string {
    this.#count += 1;
    return this.declare(`.${stem}${this.#count}`, type);
  }

  label(): string {
    this.#count += 1;
    return `.loop${this.#count}`;
  }

  /** Lines that declare all of them, one for each type. */
  get declarations(): readonly string[] {
    const types: readonly LocalType[] = ['i32', 'f32', 'f64', 'v128'];
    return types.flatMap((type) => {
      const names = [...this.#types].filter(([, t]) => t === type).map(([name]) => name);
      return names.length === 0 ? [] : [names.map((name) => `(local $${name} ${type})`).join(' ')];
    });
  }
}

/** Where a kernel finds a value: a pointer, and the bytes from there to its first element. */
export interface Slot {
  readonly pointer: string;
  readonly offset: number;
  readonly type: LaneType;
  readonly storage: Storage;
}

export type Slots = ReadonlyMap<string, Slot>;
