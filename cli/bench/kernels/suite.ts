import type { WeightStorage } from '../../../dsl/node.ts';
import type { Bench } from '../bench.ts';
import type { Case } from '../case.ts';
import { attention } from './attention.ts';
import { batchedMatmul, matmul, matvec } from './contraction.ts';
import { gatherRows } from './gather.ts';
import type { Kernel } from './kernel.ts';
import { kernelCase } from './kernel-case.ts';
import { exponential, triad } from './pointwise.ts';
import { rowLayerNorm, rowSoftmax, rowSum } from './rows.ts';
import type { KernelSizes } from './sizes.ts';

/** Every way to keep a weight; a device that lacks one has it left out. */
const STORAGES: readonly WeightStorage[] = ['f32', 'bf16', 'f16', 'int8'];

export const kernelSuite = (bench: Bench): readonly Case[] =>
  kernelsOf(bench.sizes).map((kernel) => kernelCase(bench, 'kernels', kernel));

function kernelsOf({ matvec: rows, matmul: products, batched, square, ...sizes }: KernelSizes): readonly Kernel[] {
  return [
    ...rows.flatMap((n) => STORAGES.map((storage) => matvec(n, storage))),
    ...products.map((n) => matmul(n, 'f32')),
    ...STORAGES.slice(1).map((storage) => matmul(products[1], storage)),
    batchedMatmul(batched),
    ...[rowSum, rowSoftmax, rowLayerNorm, triad, exponential].flatMap((kernel) => square.map(kernel)),
    attention({ ...sizes.attention, queries: 1 }),
    attention(sizes.attention),
    ...STORAGES.map((storage) => gatherRows(sizes.gather, storage)),
  ];
}
