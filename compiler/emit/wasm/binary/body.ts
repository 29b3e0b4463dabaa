import type { Bytes } from './bytes.ts';
import { immediateBytes } from './immediates.ts';
import { INSTRUCTIONS } from './instructions.ts';
import type { Tokens } from './tokens.ts';

const LOOP = 0x03;
const IF = 0x04;
const ELSE = 0x05;
const END = 0x0b;
const NO_RESULT = 0x40;

/** Writes folded instructions: operands before the instruction that takes them. */
export class BodyAssembler {
  readonly #tokens: Tokens;
  readonly #bytes: Bytes;
  readonly #locals: ReadonlyMap<string, number>;
  readonly #functions: ReadonlyMap<string, number>;
  readonly #labels: string[] = [];

  constructor(
    tokens: Tokens, bytes: Bytes, locals: ReadonlyMap<string, number>, functions: ReadonlyMap<string, number>,
  ) {
    this.#tokens = tokens;
    this.#bytes = bytes;
    this.#locals = locals;
    this.#functions = functions;
  }

  /** Instructions up to the parenthesis that closes what they are in, that parenthesis included. */
  untilClosed(): void {
    while (!this.#tokens.take(')')) {
      this.#tokens.expect('(');
      this.#instruction(this.#tokens.next());
    }
  }

  #instruction(name: string): void {
    if (name === 'loop') this.#block(LOOP, this.#tokens.next());
    else if (name === 'if') this.#branch();
    else this.#plain(name);
  }

  #block(code: number, label: string): void {
    this.#bytes.byte(code);
    this.#bytes.byte(NO_RESULT);
    this.#inside(label, () => this.untilClosed());
    this.#bytes.byte(END);
  }

  #inside(label: string, write: () => void): void {
    this.#labels.push(label);
    write();
    this.#labels.pop();
  }

  /** `(if condition (then …) (else …))`, without a result. */
  #branch(): void {
    const tokens = this.#tokens;
    tokens.expect('(');
    this.#instruction(tokens.next());
    this.#bytes.byte(IF);
    this.#bytes.byte(NO_RESULT);
    this.#inside('', () => {
      if (!tokens.open('then')) throw new Error('assemble: an `if` without `then`');
      this.untilClosed();
      if (tokens.open('else')) {
        this.#bytes.byte(ELSE);
        this.untilClosed();
      }
    });
    tokens.expect(')');
    this.#bytes.byte(END);
  }

  #plain(name: string): void {
    const instruction = INSTRUCTIONS.get(name);
    if (instruction === undefined) throw new Error(`assemble: no instruction is named ${name}`);
    const immediate = immediateBytes(instruction, this.#tokens, {
      locals: this.#locals, functions: this.#functions, labels: this.#labels,
    });
    this.untilClosed();
    if (instruction.prefix === 0) this.#bytes.byte(instruction.code);
    else {
      this.#bytes.byte(instruction.prefix);
      this.#bytes.unsigned(instruction.code);
    }
    this.#bytes.append(immediate);
  }
}
