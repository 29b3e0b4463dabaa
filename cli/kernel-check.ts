import { compile, encodeAll } from '../compiler/index.ts';
import { axis, dot, input } from '../dsl/index.ts';
import { targetOf } from '../models/pldr/target.ts';
import { BufferSet, readValue, runOnce, writeValue, type Device } from '../runtime/index.ts';
import { ensureBuffers } from '../runtime/buffers.ts';

/** Enough work that it is shared among threads, and so small numbers that single precision is exact. */
const [ROWS, COLUMNS, INNER] = [64, 64, 32];

const left = Float32Array.from({ length: ROWS * INNER }, (_, i) => (i * 7) % 11);
const right = Float32Array.from({ length: COLUMNS * INNER }, (_, i) => (i * 5) % 13);

/**
 * Whether a device really computes: compiles a product of two matrices for it, runs it and compares every number that
 * is read back. @throws what opening and running a program throw
 */
export async function computesRight(device: Device): Promise<boolean> {
  const [Row, Column, Inner] = [axis('row', ROWS), axis('column', COLUMNS), axis('inner', INNER)];
  const product = dot(input('left', [Row, Inner]), input('right', [Column, Inner]), Inner);
  const { programs: [program] } = encodeAll(
    compile([{ name: 'check', outputs: { product: product.node } }], targetOf(device)),
  );
  const buffers = new BufferSet(device);
  try {
    ensureBuffers(program, buffers);
    writeValue(device, buffers, 'left', program.inputs['left'], {}, left);
    writeValue(device, buffers, 'right', program.inputs['right'], {}, right);
    await runOnce(device, program, buffers);
    const value = program.outputs['product'];
    const found = await readValue(device, buffers, value, {});
    const rowsFirst = value.axes[0].name === 'row';
    return found.every((x, i) => {
      const [outer, inner] = [Math.floor(i / COLUMNS), i % COLUMNS];
      return x === (rowsFirst ? expected(outer, inner) : expected(inner, outer));
    });
  } finally {
    buffers.destroy();
  }
}

const expected = (row: number, column: number): number =>
  left
    .subarray(row * INNER, (row + 1) * INNER)
    .reduce((total, x, i) => total + x * right[column * INNER + i], 0);
