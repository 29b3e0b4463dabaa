import { BodyAssembler } from './body.ts';
import { Bytes } from './bytes.ts';
import { Tokens } from './tokens.ts';

/*
 * assemble: WebAssembly text → the bytes of a module. It reads what the emitter and its math functions write: folded
 * instructions, names for everything, one imported memory, functions after those that they call.
 */

const TYPES: Readonly<Record<string, number>> = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b };
const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const SECTION = { type: 1, import: 2, function: 3, export: 7, code: 10 } as const;
const FUNCTION_TYPE = 0x60;
const FUNCTION_EXPORT = 0x00;
const MEMORY_IMPORT = 0x02;
const SHARED_WITH_MAXIMUM = 0x03;
const BODY_END = 0x0b;

/** @throws Error for text that the emitter does not write, which is a fault of the compiler */
export function assembleText(text: string): Uint8Array {
  return new ModuleAssembler(new Tokens(text)).module();
}

/** Entries of a section, and how many they are. */
class Section {
  readonly bytes = new Bytes();
  count = 0;

  add(write: (bytes: Bytes) => void): number {
    write(this.bytes);
    return this.count++;
  }

  /** A section without entries is left out. */
  writeTo(module: Bytes, id: number): void {
    if (this.count === 0) return;
    const counted = new Bytes();
    counted.unsigned(this.count);
    counted.append(this.bytes.view);
    module.byte(id);
    module.sized(counted.view);
  }
}

class ModuleAssembler {
  readonly #tokens: Tokens;
  readonly #sections: Readonly<Record<keyof typeof SECTION, Section>> = {
    type: new Section(), import: new Section(), function: new Section(), export: new Section(), code: new Section(),
  };
  readonly #signatures = new Map<string, number>();
  readonly #functions = new Map<string, number>();

  constructor(tokens: Tokens) {
    this.#tokens = tokens;
  }

  module(): Uint8Array {
    const tokens = this.#tokens;
    if (!tokens.open('module')) throw new Error('assemble: the text is no module');
    while (!tokens.take(')')) {
      if (tokens.open('import')) this.#memory();
      else if (tokens.open('func')) this.#function();
      else throw new Error(`assemble: "${tokens.next()}${tokens.next()}" in a module`);
    }
    const bytes = new Bytes();
    bytes.append(HEADER);
    for (const key of ['type', 'import', 'function', 'export', 'code'] as const) {
      this.#sections[key].writeTo(bytes, SECTION[key]);
    }
    return bytes.view;
  }

  /** `(import "module" "name" (memory least most shared))` */
  #memory(): void {
    const tokens = this.#tokens;
    this.#sections.import.add((bytes) => {
      bytes.name(tokens.quoted());
      bytes.name(tokens.quoted());
      if (!tokens.open('memory')) throw new Error('assemble: an import that is no memory');
      bytes.byte(MEMORY_IMPORT);
      bytes.byte(SHARED_WITH_MAXIMUM);
      bytes.unsigned(Number(tokens.next()));
      bytes.unsigned(Number(tokens.next()));
    });
    for (const token of ['shared', ')', ')']) tokens.expect(token);
  }

  #function(): void {
    const tokens = this.#tokens;
    const number = this.#functions.size;
    if (tokens.peek.startsWith('$')) this.#functions.set(tokens.next(), number);
    if (tokens.open('export')) this.#exported(number);
    const locals = new Map<string, number>();
    const params = this.#declared('param', locals);
    this.#sections.function.add((bytes) => bytes.unsigned(this.#signature(params, this.#results())));
    const own = this.#declared('local', locals);
    const body = new Bytes();
    writeLocals(body, own);
    new BodyAssembler(tokens, body, locals, this.#functions).untilClosed();
    body.byte(BODY_END);
    this.#sections.code.add((bytes) => bytes.sized(body.view));
  }

  #exported(number: number): void {
    this.#sections.export.add((bytes) => {
      bytes.name(this.#tokens.quoted());
      bytes.byte(FUNCTION_EXPORT);
      bytes.unsigned(number);
    });
    this.#tokens.expect(')');
  }

  /** Types of parameters or locals, which are numbered as they come. */
  #declared(what: 'param' | 'local', locals: Map<string, number>): readonly number[] {
    const types: number[] = [];
    while (this.#tokens.open(what)) {
      locals.set(this.#tokens.next(), locals.size);
      types.push(typeNamed(this.#tokens.next()));
      this.#tokens.expect(')');
    }
    return types;
  }

  #results(): readonly number[] {
    const types: number[] = [];
    while (this.#tokens.open('result')) {
      while (this.#tokens.atWord) types.push(typeNamed(this.#tokens.next()));
      this.#tokens.expect(')');
    }
    return types;
  }

  #signature(params: readonly number[], results: readonly number[]): number {
    const text = `${params.join()}>${results.join()}`;
    const known = this.#signatures.get(text);
    if (known !== undefined) return known;
    const number = this.#sections.type.add((bytes) => {
      bytes.byte(FUNCTION_TYPE);
      bytes.sized(params);
      bytes.sized(results);
    });
    this.#signatures.set(text, number);
    return number;
  }
}

/** Locals in runs of one type. */
function writeLocals(bytes: Bytes, types: readonly number[]): void {
  const runs: { readonly type: number; count: number }[] = [];
  for (const type of types) {
    const last = runs.at(-1);
    if (last?.type === type) last.count += 1;
    else runs.push({ type, count: 1 });
  }
  bytes.unsigned(runs.length);
  for (const { type, count } of runs) {
    bytes.unsigned(count);
    bytes.byte(type);
  }
}

function typeNamed(name: string): number {
  const type = TYPES[name];
  if (type === undefined) throw new Error(`assemble: no type is named ${name}`);
  return type;
}
