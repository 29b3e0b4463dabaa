import fc from 'fast-check';
import { expect, test } from 'vitest';
import { coresIn } from '../../runtime/cpu/cores.ts';

const block = (n: number, socket: number, core: number): string =>
  `processor\t: ${n}\nmodel name\t: A CPU\nphysical id\t: ${socket}\nsiblings\t: 4\ncore id\t\t: ${core}\n`;

test('cores are counted once, however many threads each has and in whatever order they are listed', () => {
  const machine = fc.record({
    sockets: fc.integer({ min: 1, max: 2 }), cores: fc.integer({ min: 1, max: 8 }), threads: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(fc.property(machine, fc.boolean(), ({ sockets, cores, threads }, reversed) => {
    const all = Array.from({ length: sockets * cores * threads }, (_, i) =>
      block(i, Math.floor(i / threads) % sockets, Math.floor(i / threads / sockets)));
    expect(coresIn((reversed ? all.reverse() : all).join('\n'))).toBe(sockets * cores);
  }));
});

test('a text that does not name cores tells nothing', () => {
  expect(coresIn('')).toBeUndefined();
  expect(coresIn('processor\t: 0\nBogoMIPS\t: 48.00\n\nprocessor\t: 1\nBogoMIPS\t: 48.00\n')).toBeUndefined();
});
