import type { Axis } from '../axis.ts';
import type { Node } from '../node.ts';
import type { ScalarExpr } from '../scalar/expr.ts';
import type { Arg, Call } from './call.ts';
import { declaredFunction, inlineFunction, ownFunctions } from './functions.ts';
import { brokenCall, callText, WIDTH, type ArgText } from './layout.ts';
import { stemOf, type Names } from './names.ts';
import { refsOf, type Program } from './program.ts';

/** Calls within calls that still read well. */
const DEPTH = 4;

/** A value that has no name yet, since it may stand where it is used. */
interface Unnamed {
  readonly node: Node;
  readonly call: Call;
  readonly text: string;
  readonly depth: number;
}

/** The lines that make the values of a program: what is used once stands where it is used, as far as it is short. */
export class Values {
  readonly #program: Program;
  readonly #names: Names;
  readonly #axisName: (axis: Axis) => string;
  readonly #lines: string[] = [];
  readonly #named = new Map<string, string>();
  readonly #unnamed = new Map<string, Unnamed>();
  readonly #functions = new Map<string, string>();
  readonly #imports = new Set<string>();

  constructor(program: Program, names: Names, axisName: (axis: Axis) => string) {
    this.#program = program;
    this.#names = names;
    this.#axisName = axisName;
  }

  /** What the functions of the program need besides its operations; known once its lines are. */
  get imports(): readonly string[] {
    return [...this.#imports];
  }

  lines(roots: readonly Node[], results: readonly string[]): readonly string[] {
    const keys = new Set(roots.map((r) => r.key));
    for (const node of this.#program.nodes) this.#write(node, keys.has(node.key));
    roots.forEach(({ key }, i) => {
      const unnamed = this.#unnamed.get(key);
      if (unnamed === undefined) this.#lines.push(`const ${results[i]} = ${this.#named.get(key) ?? ''};`);
      else this.#declare(unnamed, results[i]);
    });
    return this.#lines;
  }

  /** Names a value, or leaves it for its one user to write. */
  #write(node: Node, isResult: boolean): void {
    const { uses, calls } = this.#program;
    const call = calls.get(node.key);
    if (call === undefined) return;
    const unnamed = this.#expression(node, call);
    this.#unnamed.set(node.key, unnamed);
    const isOwnWord = node.kind === 'input' || node.kind === 'freeze' || node.kind === 'cache';
    if ((uses.get(node.key) ?? 0) > 1 || (isOwnWord && !isResult)) this.#name(unnamed);
  }

  /** The call with those operands in place that leave it short; the others get names, the longest first. */
  #expression(node: Node, call: Call): Unnamed {
    this.#takeFunctions(call);
    for (;;) {
      const operands = refsOf(call.args).flatMap(({ key }) => this.#unnamed.get(key) ?? []);
      const text = callText(call.name, call.args.map((arg) => this.#text(arg)));
      const depth = 1 + Math.max(0, ...operands.map((x) => x.depth));
      const short = `const ${stemOfNode(node) ?? 'x00'} = ${text};`.length <= WIDTH && depth <= DEPTH;
      if (short || operands.length === 0) return { node, call, text, depth };
      const deep = operands.filter((x) => x.depth >= DEPTH);
      const [longest] = (deep.length > 0 ? deep : operands).toSorted((a, b) => b.text.length - a.text.length);
      this.#name(longest);
    }
  }

  #name(unnamed: Unnamed): void {
    const stem = stemOfNode(unnamed.node);
    const name = stem === undefined ? this.#names.next('x') : this.#names.take(stem);
    this.#declare(unnamed, name);
    this.#named.set(unnamed.node.key, name);
  }

  #declare({ node, call, text }: Unnamed, name: string): void {
    this.#unnamed.delete(node.key);
    const line = `const ${name} = ${text};`;
    if (line.length <= WIDTH) {
      this.#lines.push(line);
      return;
    }
    const broken = brokenCall(call.name, call.args.map((arg) => this.#argText(arg)));
    this.#lines.push(`const ${name} = ${broken};`);
  }

  /** A function that does not fit on a line with its operands gets a name, for all that use it after. */
  #takeFunctions({ name, args }: Call): void {
    for (const arg of args) {
      if (arg.kind !== 'function') continue;
      this.#imports.add('scalar');
      for (const name of ownFunctions(arg.fn)) this.#imports.add(name);
      const inline = inlineFunction(arg.fn);
      const operands = args.slice(1).map((a) => (a.kind === 'value' ? 'x00' : this.#text(a)));
      const line = `const x00 = ${callText(name, [inline ?? '', ...operands])};`;
      if (inline === undefined || line.length > WIDTH) this.#functionName(arg.fn);
    }
  }

  #functionName(fn: ScalarExpr): void {
    const code = JSON.stringify(fn);
    if (this.#functions.has(code)) return;
    const name = this.#names.next('f');
    this.#functions.set(code, name);
    this.#lines.push(declaredFunction(name, fn));
  }

  #text(arg: Arg): string {
    const of = this.#argText(arg);
    return typeof of === 'string' ? of : `[${of.join(', ')}]`;
  }

  #argText(arg: Arg): ArgText {
    switch (arg.kind) {
      case 'text': return arg.text;
      case 'export': return arg.name;
      case 'axis': return this.#axisName(arg.axis);
      case 'list': return arg.items.map((item) => this.#text(item));
      case 'value': return this.#named.get(arg.node.key) ?? this.#unnamed.get(arg.node.key)?.text ?? '';
      case 'function': return this.#functions.get(JSON.stringify(arg.fn)) ?? inlineFunction(arg.fn) ?? '';
    }
  }
}

/** What a value is called by whoever declared it. */
function stemOfNode(node: Node): string | undefined {
  if (node.kind === 'input' || node.kind === 'parameter') return stemOf(node.name);
  return node.kind === 'freeze' || node.kind === 'cache' ? stemOf(node.label) : undefined;
}
