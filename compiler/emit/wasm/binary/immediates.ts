import { Bytes } from './bytes.ts';
import type { Instruction } from './instructions.ts';
import type { Tokens } from './tokens.ts';

/** The numbers that names stand for where an instruction is. */
export interface Names {
  readonly locals: ReadonlyMap<string, number>;
  readonly functions: ReadonlyMap<string, number>;
  /** Names of the blocks around here, the innermost last. */
  readonly labels: readonly string[];
}

/** Reads what stands between an instruction and its operands, and writes it as bytes. */
export function immediateBytes({ immediate, align }: Instruction, tokens: Tokens, names: Names): Uint8Array {
  const bytes = new Bytes();
  switch (immediate) {
    case 'none': break;
    case 'local': bytes.unsigned(numberOf(tokens.next(), names.locals)); break;
    case 'function': bytes.unsigned(numberOf(tokens.next(), names.functions)); break;
    case 'label': bytes.unsigned(depthOf(tokens.next(), names.labels)); break;
    case 'memory': writeOffset(bytes, tokens, align); break;
    case 'lane': bytes.byte(Number(tokens.next())); break;
    case 'lanes': for (let i = 0; i < 16; i++) bytes.byte(Number(tokens.next())); break;
    case 'i32': bytes.signed(Number(tokens.next())); break;
    case 'f32': bytes.append(floats(Float32Array, [tokens.next()])); break;
    case 'f64': bytes.append(floats(Float64Array, [tokens.next()])); break;
    case 'v128': bytes.append(vector(tokens)); break;
  }
  return bytes.view;
}

function numberOf(name: string, numbers: ReadonlyMap<string, number>): number {
  const found = numbers.get(name);
  if (found === undefined) throw new Error(`assemble: nothing is named ${name}`);
  return found;
}

function depthOf(label: string, labels: readonly string[]): number {
  const at = labels.lastIndexOf(label);
  if (at < 0) throw new Error(`assemble: no block is named ${label}`);
  return labels.length - 1 - at;
}

function writeOffset(bytes: Bytes, tokens: Tokens, align: number): void {
  const offset = tokens.peek.startsWith('offset=') ? Number(tokens.next().slice('offset='.length)) : 0;
  bytes.unsigned(align);
  bytes.unsigned(offset);
}

/** Bytes of four or two numbers; all machines that run WebAssembly store the low byte first. */
function vector(tokens: Tokens): Uint8Array {
  const shape = tokens.next();
  const texts = Array.from({ length: shape.endsWith('x4') ? 4 : 2 }, () => tokens.next());
  switch (shape) {
    case 'f32x4': return floats(Float32Array, texts);
    case 'f64x2': return floats(Float64Array, texts);
    case 'i32x4': return new Uint8Array(Int32Array.from(texts, (t) => Number(t) | 0).buffer);
    case 'i64x2': return new Uint8Array(BigInt64Array.from(texts, (t) => BigInt.asIntN(64, BigInt(t))).buffer);
    default: throw new Error(`assemble: no vector is ${shape}`);
  }
}

const floats = (Lanes: Float32ArrayConstructor | Float64ArrayConstructor, texts: readonly string[]): Uint8Array =>
  new Uint8Array(Lanes.from(texts.map(floatOf)).buffer);

function floatOf(text: string): number {
  if (text === 'inf') return Infinity;
  return text === '-inf' ? -Infinity : Number(text);
}
