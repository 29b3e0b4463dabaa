import { memoryStrides, sizeValue, type Value } from '../../compiler/program.ts';
import type { Commands } from '../../runtime/device.ts';
import type { DeviceBuffer } from '../../runtime/memory.ts';

/** One copy inside a value: bytes from its start. */
interface Copy {
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
}

/** Where row 0 of a batch must go so that every row holds it; the batch may be any of the value's axes. */
function rowCopies(value: Value): readonly Copy[] {
  const sizes = value.axes.map((a) => sizeValue(a.size, {}));
  const batch = value.axes.findIndex((a) => a.name === 'batch');
  if (batch < 0) return [];
  const strides = memoryStrides(sizes);
  const [inner, whole] = [4 * strides[batch], 4 * (strides[batch - 1] ?? 0)];
  const outer = sizes.slice(0, batch).reduce((n, s) => n * s, 1);
  return Array.from({ length: outer * (sizes[batch] - 1) }, (_, i) => {
    const [block, row] = [Math.floor(i / (sizes[batch] - 1)), 1 + (i % (sizes[batch] - 1))];
    const from = block * whole;
    return { from, to: from + row * inner, bytes: inner };
  });
}

/** Copies row 0 of a value over its other rows, by way of `spare`: a device copies from one buffer to another one. */
export function shareFirstRow(commands: Commands, value: Value, buffer: DeviceBuffer, spare: DeviceBuffer): void {
  const { offset, bytes } = value.region;
  commands.copy(buffer, offset, spare, 0, bytes);
  for (const c of rowCopies(value)) commands.copy(spare, c.from, buffer, offset + c.to, c.bytes);
}
