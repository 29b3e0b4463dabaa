import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PldrModel, readBlock, Session } from '../../../models/pldr/index.ts';
import { smallConfig } from '../../../verify/arbitraries/configs.ts';
import { drawnModel, models } from '../../../verify/arbitraries/models.ts';
import { scheduledTexts } from '../../../verify/arbitraries/schedules.ts';
import { idsIn } from '../../../verify/arbitraries/texts.ts';
import { extend, extendBlock, read } from '../../../verify/interpreted/reading.ts';
import { onEveryDevice } from '../../support/every-device.ts';
import { runs } from '../../support/runs.ts';
import { temporaryFolder } from '../../weights/support.ts';
import { difference, expectClose, rowOf } from './close.ts';
import { saved } from './saved.ts';

const folder = temporaryFolder();

test('a block of tokens is its tokens one by one, whatever is kept', () => {
  fc.assert(
    fc.property(models(), scheduledTexts({ least: 2 }, ['kv', 'kv+g']), (model, { ids, schedule }) => {
      const text = idsIn(model.config, ids);
      const { mode, prompt, chunks } = schedule;
      let stepped = read(model, { rows: [text.slice(0, prompt)] }, { mode });
      let inBlocks = stepped;
      for (let [at, rest] = [prompt, [...chunks]]; rest.length > 0; [at, rest] = [at + rest[0], rest.slice(1)]) {
        const block = text.slice(at, at + rest[0]);
        const { reading, logits } = extendBlock(inBlocks, [block]);
        inBlocks = reading;
        for (const [n, id] of block.entries()) {
          stepped = extend(stepped, [id]);
          expectClose(rowOf(logits, n, block.length), stepped.logits);
        }
        expectClose(inBlocks.logits, stepped.logits);
      }
    }),
    runs(40),
  );
});

onEveryDevice((device) => {
  const drawn = drawnModel(smallConfig({ layers: 2, heads: 2, hiddenSize: 8, contextLength: 90 }), 5);

  const withSession = async (batch: number, use: (session: Session) => Promise<void>): Promise<void> => {
    const model = await PldrModel.load(await saved(drawn, join(folder, `${device().kind}${batch}`)), device());
    const session = await Session.open(model, { batch });
    await use(session);
    session.close();
    model.close();
  };

  test('blocks of any size give what the interpreter gives', () => withSession(1, async (session) => {
    let expected = read(drawn, { rows: [[1, 4, 2]] });
    session.runFirst({ rows: [[1, 4, 2]] });
    for (const size of [1, 3, 64, 2]) {
      const block = Array.from({ length: size }, (_, i) => (7 * i + size) % drawn.config.vocabSize);
      const { reading, logits } = extendBlock(expected, [block]);
      expected = reading;
      const got = await readBlock(session, [block]);
      expect(got.shape).toEqual([1, size, drawn.config.vocabSize]);
      expect(difference(got.data, logits.data)).toBeLessThanOrEqual(1e-4);
    }
  }));

  test('rows after prompts of different lengths are read side by side', () => withSession(2, async (session) => {
    const prompts = [[5, 1, 8, 2], [4]];
    const blocks = [[3, 3], [9, 1]];
    session.runFirst({ rows: prompts });
    const first = await readBlock(session, blocks);
    const second = await readBlock(session, blocks);
    const width = drawn.config.vocabSize;
    prompts.forEach((prompt, r) => {
      const once = extendBlock(read(drawn, { rows: [prompt] }), [blocks[r]]);
      const twice = extendBlock(once.reading, [blocks[r]]);
      const row = (x: { readonly data: Float32Array }) => x.data.subarray(r * 2 * width, (r + 1) * 2 * width);
      expect(difference(row(first), once.logits.data)).toBeLessThanOrEqual(1e-4);
      expect(difference(row(second), twice.logits.data)).toBeLessThanOrEqual(1e-4);
    });
  }));

  describe('what cannot be read is refused', () => {
    test.each([
      ['no token', [[]], /1 to 64 tokens, and 0 were given/],
      ['too many', [new Array<number>(65).fill(1)], /1 to 64 tokens, and 65 were given/],
      ['another number of rows', [[1], [2]], /Rows differ in length/],
    ])('%s', (_, tokens, message) => withSession(1, async (session) => {
      session.runFirst({ rows: [[1]] });
      await expect(readBlock(session, tokens)).rejects.toThrow(message);
    }));

    test('more than the context holds', () => withSession(1, async (session) => {
      session.runFirst({ rows: [new Array<number>(60).fill(1)] });
      await expect(readBlock(session, [new Array<number>(40).fill(1)])).rejects.toThrow(/100 tokens exceed/);
    }));
  });
});
