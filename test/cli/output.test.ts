import { Writable } from 'node:stream';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { guarded, OutputClosed, send, write } from '../../cli/output.ts';
import { runs } from '../support/runs.ts';

/** A stream that takes each piece a turn later, and breaks at the piece of number `breaks`. */
function slowStream(breaks = Infinity) {
  const taken: string[] = [];
  const stream = new Writable({
    highWaterMark: 64, decodeStrings: false,
    write(piece: string, _, done) {
      if (taken.length === breaks) return done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      taken.push(piece);
      setImmediate(done);
    },
  });
  stream.on('error', () => undefined);
  return { stream, taken };
}

const pieces = fc.array(fc.string({ maxLength: 20 }), { minLength: 1, maxLength: 40 });

it('everything that is sent comes, in order, and a slow reader slows the writer down', () => fc.assert(
  fc.asyncProperty(pieces, async (all) => {
    const { stream, taken } = slowStream();
    for (const piece of all) {
      await send(stream, piece);
      expect(stream.writableLength).toBeLessThan(64);
    }
    await write(stream, '\n');
    expect(taken.join('')).toBe(`${all.join('')}\n`);
  }),
  runs(50),
));

it('the last word tells that the reader went, whatever was sent before', () => fc.assert(
  fc.asyncProperty(pieces, fc.nat(40), async (all, breaks) => {
    const { stream, taken } = slowStream(Math.min(breaks, all.filter((piece) => piece !== '').length));
    const sent = (async () => {
      for (const piece of all) await send(stream, piece);
      await write(stream, '\n');
    })();
    await expect(sent).rejects.toThrow(OutputClosed);
    expect(all.join('').startsWith(taken.join(''))).toBe(true);
  }),
  runs(50),
));

it('what is written without waiting fails in silence, too', async () => {
  const stream = new Writable({ write: (_piece, _encoding, done) => setImmediate(done, new Error('write EPIPE')) });
  await guarded([stream], () => Promise.resolve(stream.write('help')));
  expect(stream.errored).toBeInstanceOf(Error);
  expect(stream.listenerCount('error')).toBe(0);
});
