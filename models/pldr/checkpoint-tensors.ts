import { isFloatDtype } from '../../runtime/safetensors/dtype.ts';
import type { TensorEntry } from '../../runtime/safetensors/entry.ts';
import type { PldrConfig } from './config.ts';
import { GIVEN_G, GIVEN_G_STATUS, parameterShapes } from './parameters.ts';

type Tensors = ReadonlyMap<string, TensorEntry>;

export interface Expected {
  readonly headExpected: boolean;
  /** The weights that a variant reads, name → shape: what it leaves out may be missing, and what it adds may be there. */
  readonly reads?: ReadonlyMap<string, readonly number[]> | undefined;
}

/**
 * Every difference between the tensors of a checkpoint and those that its configuration asks for, or a variant reads. A
 * given G that is absent altogether is not reported here: whether that is an error depends on where G comes from.
 */
export function tensorProblems(
  config: PldrConfig, tensors: Tensors, { headExpected, reads }: Expected,
): readonly string[] {
  const configured = parameterShapes(config);
  const expected = reads ?? configured;
  const optional = (name: string): boolean => reads === undefined && isGivenG(name) ? !hasGivenG(tensors) : isHead(name) && !headExpected;
  const missing = [...expected].filter(([name]) => !tensors.has(name) && !optional(name));
  const unexpected = [...tensors].filter(([name]) => !expected.has(name) && !configured.has(name));
  const mistaken = [...expected].flatMap(([name, shape]) => entryProblems(name, shape, tensors.get(name)));
  return [
    ...missing.map(([name, shape]) => `missing: ${name} [${shape.join(', ')}]`),
    ...unexpected.map(([name, { shape }]) => `unexpected: ${name} [${shape.join(', ')}]`),
    ...mistaken,
  ];
}

function entryProblems(name: string, shape: readonly number[], entry: TensorEntry | undefined): readonly string[] {
  if (entry === undefined) return [];
  const problems: string[] = [];
  if (shape.join() !== entry.shape.join()) {
    problems.push(`${name}: expected [${shape.join(', ')}], found [${entry.shape.join(', ')}]`);
  }
  if (name === GIVEN_G_STATUS) {
    if (entry.dtype !== 'BOOL' && entry.dtype !== 'U8') problems.push(`${name}: expected BOOL, found ${entry.dtype}`);
  } else if (!isFloatDtype(entry.dtype)) {
    problems.push(`${name}: expected F32, F16, BF16 or F64, found ${entry.dtype}`);
  }
  return problems;
}

const isGivenG = (name: string): boolean => name === GIVEN_G || name === GIVEN_G_STATUS;

const hasGivenG = (tensors: Tensors): boolean => tensors.has(GIVEN_G) || tensors.has(GIVEN_G_STATUS);

const isHead = (name: string): boolean => name.startsWith('final_layer.');
