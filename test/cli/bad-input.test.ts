import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../runtime/safetensors/index.ts';
import { caseFolder } from '../pldr/fixtures.ts';
import { framePieces, PIECE, writeModel } from '../tokenizer/model-writer.ts';
import { fileBytes, temporaryFolder } from '../weights/support.ts';
import { changeConfig, textCheckpoint, withoutG, type Checkpoint } from './checkpoints.ts';
import { noDevice, ricci, type Run } from './support.ts';

/* Every input here is refused before a device is opened, so none of these tests needs one. */

const folder = temporaryFolder();

const generate = (model: string, prompt = 'abc', ...more: readonly string[]): Promise<Run> =>
  ricci(['generate', '--model', model, ...more, prompt], noDevice);

const forward = (...argv: readonly string[]): Promise<Run> =>
  ricci(['forward', '--model', caseFolder('v51-small'), '--out', join(folder, 'out.safetensors'), ...argv], noDevice);

function expectFailure(run: Run, code: number, ...messages: readonly string[]): void {
  for (const message of messages) expect(run.stderr).toContain(message);
  expect(run).toMatchObject({ code, stdout: '' });
}

describe('weights', () => {
  const damaged: readonly (readonly [
    what: string,
    damage: (c: Checkpoint) => Promise<void>,
    messages: readonly string[],
  ])[] = [
    [
      'that are missing',
      ({ weights }) => rm(weights),
      ['holds neither model.safetensors nor model.safetensors.index.json'],
    ],
    [
      'that break off',
      async ({ weights }) => truncate(weights, (await readFile(weights)).length - 100),
      [
        'model.safetensors is not a valid safetensors file',
        '100 bytes of tensor data are missing at the end of the file',
      ],
    ],
    [
      'that are shorter than their header says',
      ({ weights }) => truncate(weights, 50),
      ['announces a header of', 'but has only 50 bytes in all'],
    ],
    [
      'whose header is no JSON',
      ({ weights }) => writeFile(weights, fileBytes('{"a": ')),
      ['model.safetensors is not a JSON object'],
    ],
    [
      'whose tensors overlap, lie outside, or have an unknown dtype',
      ({ weights }) =>
        writeFile(
          weights,
          fileBytes(
            {
              a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
              b: { dtype: 'F32', shape: [2], data_offsets: [4, 12] },
              c: { dtype: 'F32', shape: [9], data_offsets: [12, 48] },
              d: { dtype: 'F99', shape: [1], data_offsets: [48, 52] },
            },
            new Uint8Array(16),
          ),
        ),
      ['"b" starts at byte 4, inside "a" (to 8)', '36 bytes of tensor data are missing', '"d" has unknown dtype "F99"'],
    ],
    [
      'of another model',
      async ({ weights }) =>
        writeSafetensors(weights, {
          'decoder.embedding.weight': { dtype: 'F32', shape: [2, 2], data: new Float32Array(4) },
          'final_layer.weight': { dtype: 'I32', shape: [80, 32], data: new Int32Array(2560) },
          'other.weight': { dtype: 'F32', shape: [1], data: new Float32Array(1) },
        }),
      [
        'do not fit its config.json',
        'missing: decoder.dec_layers.0.mha1.wq.weight [32, 32]',
        'unexpected: other.weight [1]',
        'decoder.embedding.weight: expected [80, 32], found [2, 2]',
        'final_layer.weight: expected F32, F16, BF16 or F64, found I32',
      ],
    ],
  ];

  it.each(damaged)('%s', async (_what, damage, messages) => {
    const checkpoint = await textCheckpoint(folder);
    await damage(checkpoint);
    expectFailure(await generate(checkpoint.dir), 3, ...messages);
  });
});

describe('config.json', () => {
  it('with impossible values has them all listed', async () => {
    const { dir, config } = await textCheckpoint(folder);
    await changeConfig(config, { hidden_size: 33, head_dim: 7, custom_G_type: 'magic', rope_theta: -1 });
    const messages = [
      'hidden_size is 33, but num_attention_heads × head_dim = 4 × 7 = 28',
      'head_dim is 7, but rotary embedding needs an even width',
      'custom_G_type is "magic", expected null, "identity", "random" or "external"',
      'rope_theta is -1, expected a finite number > 0',
    ];
    expectFailure(await generate(dir), 3, ...messages);
    expectFailure(await ricci(['inspect', '--config', config], noDevice), 3, ...messages);
    expectFailure(await ricci(['forward', '--model', dir, '--ids', '5', '--out', 'x'], noDevice), 3, ...messages);
  });

  it('that is missing or no JSON', async () => {
    const { dir, config } = await textCheckpoint(folder);
    await writeFile(config, '{"vocab_size": ');
    expectFailure(await generate(dir), 3, 'config.json is not JSON');
    await rm(config);
    expectFailure(
      await generate(dir),
      3,
      'config.json does not exist.',
      'a checkpoint folder holds config.json and model.safetensors',
    );
  });
});

describe('the tokenizer', () => {
  it('that is no unigram model', async () => {
    const { dir, tokenizer } = await textCheckpoint(folder);
    await writeFile(
      tokenizer,
      writeModel({ pieces: [...framePieces, { text: 'a', type: PIECE.normal }], modelType: 2 }),
    );
    const messages = ['BPE', 'unigram'];
    expectFailure(await generate(dir), 3, ...messages);
    expectFailure(await ricci(['tokenize', '--model', dir, 'a'], noDevice), 3, ...messages);
    expectFailure(await ricci(['detokenize', '--tokenizer', tokenizer, '4'], noDevice), 3, ...messages);
  });

  it('that is missing or something else', async () => {
    const { dir, tokenizer } = await textCheckpoint(folder);
    await writeFile(tokenizer, 'no model');
    expectFailure(await ricci(['tokenize', '--model', dir, 'a'], noDevice), 3, 'tokenizer.model');
    await rm(tokenizer);
    expectFailure(await generate(dir), 3, 'holds no tokenizer.model', 'ricci forward --ids');
    expectFailure(await ricci(['tokenize', '--model', dir, 'a'], noDevice), 3, 'There is no tokenizer model at');
  });
});

describe('prompts', () => {
  it('beyond the context', async () => {
    const { dir } = await textCheckpoint(folder);
    expectFailure(
      await generate(dir, 'abc', '--max-new-tokens', '61'),
      2,
      "The prompt has 4 tokens and 61 more are asked for, and the model's context is 64.",
      'Ask for at most 60 new tokens',
    );
    expectFailure(
      await generate(dir, 'a'.repeat(63)),
      2,
      'The prompt has 64 tokens and 1 more is asked for',
      'Shorten the prompt.',
    );
    expectFailure(await generate(dir, 'a'.repeat(70)), 2, "The prompt has 71 tokens, and the model's context is 64.");
    expectFailure(
      await forward('--ids', '5,6,7', '--steps', '62'),
      2,
      'The prompt has 3 tokens and 62 more are asked for',
    );
  });

  it('with ids that the model does not have, or none', async () => {
    expectFailure(
      await forward('--ids', '5,96,1000'),
      2,
      'row 0 has the ids 96, 1000, and the vocabulary runs from 0 to 95',
    );
    expectFailure(await forward('--ids', ''), 2, 'row 0 has no token', 'an empty text is the single token [END]');
  });

  it('in files that cannot be read', async () => {
    const file = join(folder, 'rows.json');
    expectFailure(
      await forward('--ids-file', join(folder, 'nowhere.json')),
      3,
      'nowhere.json does not exist.\n  Check the path.',
    );
    await writeFile(file, '[[5, 6], [7, -1]]');
    expectFailure(await forward('--ids-file', file), 3, 'rows.json does not hold token ids: row 1 is [7,-1].');
    await writeFile(file, '{"ids": 5}');
    expectFailure(await forward('--ids-file', file), 3, 'it holds {"ids":5}.');
    await writeFile(file, '[[5');
    expectFailure(await forward('--ids-file', file), 3, 'rows.json is not JSON');
  });

  it('with a mask that does not fit', async () => {
    const ids = join(folder, 'ids.json');
    const mask = join(folder, 'mask.json');
    await writeFile(ids, '[[5, 6, 7], [8]]');
    await writeFile(mask, '[[1, 1], [0], [2]]');
    expectFailure(
      await forward('--ids-file', ids, '--mask-file', mask),
      2,
      'row 0 has 3 ids, and its mask has 2 entries',
      'row 1 has no token',
      'the mask has 3 rows, and there are 2 prompts',
    );
  });
});

describe('a G file', () => {
  const file = join(folder, 'G.safetensors');
  const zeros = (
    shape: readonly number[],
  ): { readonly dtype: 'F32'; readonly shape: readonly number[]; readonly data: Float32Array } => ({
    dtype: 'F32',
    shape,
    data: new Float32Array(shape.reduce((n, s) => n * s, 1)),
  });

  it('of another shape says which is expected and which was found', async () => {
    await writeSafetensors(file, { G_LM: zeros([2, 2, 16, 8]) });
    expectFailure(
      await forward('--ids', '5', '--g-file', file),
      3,
      'has the wrong shape: expected [2, 2, 16, 16] (layers, heads, head size, head size), found [2, 2, 16, 8]',
    );
  });

  it('without the tensor says what there is', async () => {
    await writeSafetensors(file, { G: zeros([1]) });
    expectFailure(
      await forward('--ids', '5', '--g-file', file),
      3,
      'has no tensor G_LM; it holds G.',
      'Store G as G_LM [2, 2, 16, 16]',
    );
  });

  it('with a number that is not finite says where', async () => {
    const G = zeros([2, 2, 16, 16]);
    G.data[7] = Number.NaN;
    await writeSafetensors(file, { G_LM: G });
    expectFailure(await forward('--ids', '5', '--g-file', file), 3, 'has the value NaN at element 7');
  });

  it('is asked for where the checkpoint should have G and has none', async () => {
    const { dir } = await withoutG(folder);
    expectFailure(
      await generate(dir),
      3,
      'custom_G_type is "external", but the weights in',
      'hold no decoder.past_G_values',
      'Supply G yourself',
    );
  });
});
