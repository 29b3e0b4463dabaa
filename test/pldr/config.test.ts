import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RicciError } from '../../dsl/errors.ts';
import { loadConfig, parseConfig } from '../../models/pldr/config.ts';
import { configJson } from '../../models/pldr/config-json.ts';
import { PRESETS } from '../../models/pldr/presets.ts';
import { errorOf, temporaryFolder } from '../weights/support.ts';
import { caseFolder, CASES, configs } from './fixtures.ts';

const folder = temporaryFolder();
const MODEL = { model_type: 'pldrllm' };

describe('laws', () => {
  it('a configuration survives config.json', () => {
    fc.assert(
      fc.property(configs, (config) => {
        const text = JSON.stringify(configJson(config, 'float32'));
        expect(parseConfig(JSON.parse(text))).toEqual(config);
      }),
    );
  });

  it('keys that are not known make no difference', () => {
    fc.assert(
      fc.property(configs, fc.dictionary(fc.string(), fc.jsonValue()), (config, extra) => {
        expect(parseConfig({ ...extra, ...configJson(config, 'float32') })).toEqual(config);
      }),
    );
  });

  it('any JSON gives a configuration or a RicciError', () => {
    const keys = Object.keys(configJson(PRESETS['v51-110M-1'], 'float32'));
    const values = fc.oneof(fc.jsonValue(), fc.integer(), fc.double(), fc.boolean());
    const objects = fc.dictionary(fc.constantFrom(...keys), values).map((entries) => ({ ...MODEL, ...entries }));
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), objects), (json) => {
        try {
          const config = parseConfig(json);
          expect(config.hiddenSize).toBe(config.heads * config.headDim);
        } catch (error) {
          if (!(error instanceof RicciError)) throw error;
          expect(error.code).toBe('config/invalid');
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('reading', () => {
  it.each(CASES)('reads the reference case %s', async (name) => {
    const path = join(caseFolder(name), 'config.json');
    const json = JSON.parse(await readFile(path, 'utf8'));
    const config = await loadConfig(path);
    expect(configJson(config, 'float32')).toMatchObject(
      // These two keys do not change what is computed.
      Object.fromEntries(
        Object.entries(json).filter(([key]) => !['initializer_range', 'output_pldr_attentions'].includes(key)),
      ),
    );
  });

  it('takes the defaults of the Hugging Face port for absent keys', () => {
    expect(parseConfig(MODEL)).toEqual(PRESETS['v51-110M-1']);
  });

  it('derives widths that are null from the heads', () => {
    const derived = { ...MODEL, hidden_size: null, intermediate_size: null, A_dff: null };
    const json = { ...derived, num_attention_heads: 3, head_dim: 10 };
    expect(parseConfig(json)).toMatchObject({ hiddenSize: 30, intermediateSize: 80, metricWidth: 26 });
    expect(parseConfig(derived)).toEqual(PRESETS['v51-110M-1']);
  });

  it('knows that there may be no padding, start or end token', () => {
    const json = { ...MODEL, pad_token_id: null, bos_token_id: null, eos_token_id: null };
    expect(parseConfig(json)).toMatchObject({ padId: null, bosId: null, eosId: null });
  });
});

describe('refusals', () => {
  const cases: readonly (readonly [object, string])[] = [
    [{ model_type: 'llama' }, 'model_type is "llama", expected "pldrllm"'],
    [{ model_type: undefined }, 'model_type is undefined, expected "pldrllm"'],
    [{ hidden_act: 'gelu' }, 'hidden_act is "gelu", only "silu" is supported'],
    [{ rope_scaling: { rope_type: 'yarn', factor: 2 } }, 'rope_scaling is {"rope_type":"yarn","factor":2}, only null'],
    [{ tie_word_embeddings: true }, 'tie_word_embeddings is true'],
    [{ tie_word_embeddings: 'no' }, 'tie_word_embeddings is "no", expected true or false'],
    [{ hidden_size: 900 }, 'hidden_size is 900, but num_attention_heads × head_dim = 14 × 64 = 896'],
    [{ head_dim: 7, hidden_size: 98 }, 'head_dim is 7, but rotary embedding needs an even width'],
    [{ custom_G_type: 'learned' }, 'custom_G_type is "learned", expected null, "identity", "random" or "external"'],
    [{ vocab_size: 0, pad_token_id: null }, 'vocab_size is 0, expected an integer >= 1'],
    [{ num_hidden_layers: -1 }, 'num_hidden_layers is -1, expected an integer >= 1'],
    [{ num_attention_heads: 1.5 }, 'num_attention_heads is 1.5, expected an integer >= 1'],
    [{ num_attention_heads: null }, 'num_attention_heads is null, expected an integer >= 1'],
    [{ max_position_embeddings: '1024' }, 'max_position_embeddings is "1024", expected an integer >= 1'],
    [{ intermediate_size: 0 }, 'intermediate_size is 0, expected an integer >= 1'],
    [{ num_reslayerA: 0 }, 'num_reslayerA is 0, expected an integer >= 1'],
    [{ num_denseA: [] }, 'num_denseA is [], expected an integer >= 1'],
    [{ A_dff: 1e300 }, 'A_dff is 1e+300, expected an integer >= 1'],
    [{ layer_norm_eps: 0 }, 'layer_norm_eps is 0, expected a finite number > 0'],
    [{ rope_theta: Infinity }, 'rope_theta is null, expected a finite number > 0'],
    [{ reference_rope: 1 }, 'reference_rope is 1, expected true or false'],
    [{ glu_bias: null }, 'glu_bias is null, expected true or false'],
    [{ eos_token_id: [3, 4] }, 'eos_token_id is [3,4], expected null or one token id in [0, 32000)'],
    [{ pad_token_id: -1 }, 'pad_token_id is -1, expected null or one token id in [0, 32000)'],
    [{ bos_token_id: 32000 }, 'bos_token_id is 32000, expected null or one token id in [0, 32000)'],
  ];

  it.each(cases)('%j', async (change, message) => {
    const error = await errorOf(() => parseConfig({ ...MODEL, ...change }, 'there/config.json'));
    expect(error.code).toBe('config/invalid');
    expect(error.message).toContain('there/config.json');
    expect(error.message).toContain(`\n  - ${message}`);
    expect(error.message.match(/\n  - /g)).toHaveLength(1);
  });

  it('lists every problem at once', async () => {
    const json = { ...MODEL, hidden_act: 'relu', vocab_size: -2, head_dim: 3, custom_G_type: 5, layer_norm_eps: -1 };
    const { message } = await errorOf(() => parseConfig(json));
    for (const key of ['hidden_act', 'vocab_size', 'head_dim', 'hidden_size', 'custom_G_type', 'layer_norm_eps']) {
      expect(message).toContain(`\n  - ${key} is `);
    }
  });

  it.each([null, 3, 'pldrllm', [MODEL]])('the JSON value %j', async (json) => {
    expect((await errorOf(() => parseConfig(json))).message).toContain('not a JSON object');
  });

  it('a file that is absent, or holds no JSON', async () => {
    expect((await errorOf(() => loadConfig(join(folder, 'absent.json')))).code).toBe('config/missing-file');
    await writeFile(join(folder, 'text.json'), '{"model_type": pldrllm}');
    const error = await errorOf(() => loadConfig(join(folder, 'text.json')));
    expect(error.code).toBe('config/not-json');
    expect(error.message).toContain('text.json is not JSON');
  });
});
