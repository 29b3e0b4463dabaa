import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compile } from '../../compiler/compile.ts';
import { encode } from '../../compiler/encode.ts';
import { add, axis, input, mul, symbol, type AnyTensor } from '../../dsl/index.ts';
import { targetOf } from '../../models/pldr/target.ts';
import { BufferSet } from '../../runtime/buffers.ts';
import type { Executable } from '../../runtime/device.ts';
import { readValue, writeValue } from '../../runtime/transfer.ts';
import { onEveryDevice } from '../support/every-device.ts';

const N = axis('n', symbol('n', 8));
const x = input('x', [N]);

onEveryDevice((device) => {
  let buffers: BufferSet;

  beforeAll(() => { buffers = new BufferSet(device()); });
  afterAll(() => buffers.destroy());

  async function opened(name: string, y: AnyTensor): Promise<Executable> {
    const { programs: [program] } = compile([{ name, outputs: { y: y.node } }], targetOf(device()));
    return device().open(encode(program), buffers);
  }

  const write = ({ program }: Executable, data: Float32Array): void =>
    writeValue(device(), buffers, 'x', program.inputs['x'], { n: data.length }, data);

  const result = async ({ program }: Executable, n: number): Promise<readonly number[]> =>
    [...await readValue(device(), buffers, program.outputs['y'], { n })];

  describe('what is submitted', () => {
    test('runs in order with writes, copies and other programs', async () => {
      const twice = await opened('twice', mul(x, 2));
      const again = await opened('again', add(x, 1));
      write(twice, Float32Array.of(1, 2, 3));
      const [from, to] = [buffers.get('output:y'), buffers.get('input:x')];
      device().submit((commands) => {
        commands.run(twice, { n: 3 });
        commands.copy(from, 0, to, 0, 12);
        commands.run(again, { n: 3 });
      });
      write(twice, Float32Array.of(9, 9, 9));
      expect(await result(again, 3)).toEqual([3, 5, 7]);
      device().submit((commands) => commands.run(twice, { n: 2 }));
      expect(await result(twice, 3)).toEqual([18, 18, 7]);
      for (const executable of [twice, again]) executable.destroy();
    });

    test('compiles nothing, whatever the sizes, and neither does a program that is opened again', async () => {
      const first = await opened('first', mul(x, 3));
      const { compiled } = device();
      for (const n of [1, 2, 8]) {
        write(first, new Float32Array(n).fill(1));
        device().submit((commands) => commands.run(first, { n }));
        expect(await result(first, n)).toEqual(new Array<number>(n).fill(3));
      }
      (await opened('first', mul(x, 3))).destroy();
      expect(device().compiled).toBe(compiled);
      first.destroy();
    });

    test('is refused where a size is missing or too large', async () => {
      const executable = await opened('sized', mul(x, 4));
      const run = (sizes: Readonly<Record<string, number>>) => () =>
        device().submit((commands) => commands.run(executable, sizes));
      expect(run({})).toThrow('The size "n" of the program "sized" is not given, and it runs from 1 to 8.');
      expect(run({ n: 9 })).toThrow('The size "n" of the program "sized" is 9, and it runs from 1 to 8.');
      executable.destroy();
    });

    test('holds each program once, for its sizes are set once', async () => {
      const executable = await opened('single', mul(x, 5));
      const work = (): void => device().submit((commands) => {
        commands.run(executable, { n: 1 });
        commands.run(executable, { n: 2 });
      });
      expect(work).toThrow('The program "single" was to run twice in one submit, and its sizes are set once for each.');
      executable.destroy();
    });
  });

  test('parts of another device are refused', async () => {
    const strange = { label: 'strange', bytes: 8, destroy: () => undefined };
    const message = 'was given the buffer "strange", which another device made.';
    expect(() => device().write(strange, 0, Int32Array.of(1))).toThrow(message);
    const mine = await opened('mine', mul(x, 6));
    const copied = { program: mine.program, time: () => mine.time({ n: 1 }), destroy: () => undefined };
    expect(() => device().submit((commands) => commands.run(copied, { n: 1 }))).toThrow('the program "mine"');
    mine.destroy();
  });
});
