import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { forward, generate, PldrModel, Session, type CacheMode, type PldrConfig } from '../../../models/pldr/index.ts';
import { onEveryDevice } from '../../support/every-device.ts';
import { temporaryFolder } from '../../weights/support.ts';
import { difference } from './close.ts';
import { CONTEXT } from '../../../verify/arbitraries/configs.ts';
import { drawnModel } from '../../../verify/arbitraries/models.ts';
import { extend, read } from '../../../verify/interpreted/reading.ts';
import { identityG, randomG } from './given-operators.ts';
import { saved } from './saved.ts';

const COMMON = {
  intermediateSize: 7,
  hiddenAct: 'silu',
  contextLength: CONTEXT,
  layerNormEps: 1e-6,
  padId: 0,
  bosId: 2,
  eosId: null,
  ropeTheta: 10000,
  customG: null,
  cacheFirstG: false,
} as const;

/** Two shapes that share nothing; each costs its own pipelines. */
const SHAPES: readonly PldrConfig[] = [
  {
    ...COMMON,
    vocabSize: 13,
    layers: 2,
    heads: 3,
    headDim: 6,
    hiddenSize: 18,
    referenceRope: true,
    attentionBias: true,
    gluBias: true,
    finalBias: true,
    residualUnits: 1,
    gluPerUnit: 2,
    metricWidth: 5,
  },
  {
    ...COMMON,
    vocabSize: 9,
    layers: 1,
    heads: 1,
    headDim: 10,
    hiddenSize: 10,
    referenceRope: false,
    attentionBias: false,
    gluBias: false,
    finalBias: false,
    residualUnits: 2,
    gluPerUnit: 1,
    metricWidth: 3,
  },
];

const folder = temporaryFolder();
/** Single precision after the net that makes G, which multiplies its rounding. */
const WITHIN = 1e-4;

onEveryDevice((device) => {
  describe.each(SHAPES.map((config, n) => ({ config, n })))('shape $n', ({ config, n }) => {
    const small = drawnModel(config, 1 + n);
    let model: PldrModel;

    beforeAll(async () => {
      model = await PldrModel.load(await saved(small, join(folder, `${device().kind}${n}`)), device());
    });
    afterAll(() => model?.close());

    test.each<CacheMode>(['none', 'kv', 'g', 'kv+g'])(
      'cache %s gives what the interpreter gives, token by token',
      async (cache) => {
        const rows = [[1, 4, 2, 7, 1]];
        const { tensors, ids } = await forward(model, { rows }, { cache, steps: 4 });
        let expected = read(small, { rows }, { mode: cache });
        for (let step = 0; step < 4; step++) {
          const logits = tensors['greedy.logits'].data.subarray(step * config.vocabSize, (step + 1) * config.vocabSize);
          expect(difference(logits, expected.logits.data)).toBeLessThanOrEqual(WITHIN);
          if (step < 3) expected = extend(expected, [ids?.[0][step] ?? 0]);
        }
      },
    );

    test('rows of different lengths compute what each computes alone', async () => {
      const rows = [[5, 1, 8, 2, 6, 3], [4], [7, 7, 1]];
      const { tensors, ids } = await forward(model, { rows }, { steps: 4 });
      const width = config.vocabSize;
      rows.forEach((row, r) => {
        let alone = read(small, { rows: [row] });
        for (let step = 0; step < 4; step++) {
          const logits = tensors['greedy.logits'].data.subarray((r * 4 + step) * width, (r * 4 + step + 1) * width);
          expect(difference(logits, alone.logits.data)).toBeLessThanOrEqual(WITHIN);
          alone = extend(alone, [ids?.[r][step] ?? 0]);
        }
      });
    });

    test('with G supplied, also the identity, a prompt and then its tokens are the longer prompt', async () => {
      for (const G of [randomG(config, 3), identityG(config)].map((g) => Float32Array.from(g))) {
        const { tensors, ids } = await forward(model, { rows: [[3, 1, 2]] }, { steps: 4, G });
        const longer = await forward(model, { rows: [[3, 1, 2, ...(ids?.[0].slice(0, 3) ?? [])]] }, { G });
        const width = config.vocabSize;
        expect(
          difference(tensors['greedy.logits'].data, longer.tensors['prefill.logits'].data.subarray(2 * width)),
        ).toBeLessThanOrEqual(WITHIN);
      }
    });

    test('no token and no length of a prompt makes a pipeline', async () => {
      const session = await Session.open(model);
      const { compiled } = device();
      try {
        for (const length of [1, 2, 5, 9]) {
          const rows = [Array.from({ length }, (_, i) => 1 + (i % 5))];
          let tokens = 0;
          for await (const _ of generate(
            session,
            { rows },
            { greedy: true, maxNewTokens: CONTEXT - length, stopIds: [] },
          )) {
            tokens += 1;
            expect(device().compiled).toBe(compiled);
          }
          expect(tokens).toBe(CONTEXT - length);
        }
      } finally {
        session.close();
      }
      (await Session.open(model)).close();
      expect(device().compiled).toBe(compiled);
    });
  });
});
