import type { InterpretedModel } from '../../../verify/interpreted/reading.ts';

/*
 * A post-norm transformer with scaled dot-product attention, in loops over plain numbers: what a PLDR-LLM whose G is
 * the identity must compute (spec sections 2 and 3), written without the language.
 */

type Rows = readonly (readonly number[])[];

/** Logits of a text's last token. */
export function lastLogits(model: InterpretedModel, ids: readonly number[]): readonly number[] {
  const { config } = model;
  const get = (name: string): Float64Array => model.weights.get(name) ?? new Float64Array();
  const linear = (x: readonly number[], name: string): readonly number[] =>
    affine(x, get(`${name}.weight`), get(`${name}.bias`));
  const norm = (x: readonly number[], name: string): readonly number[] =>
    layerNorm(x, get(`${name}.weight`), get(`${name}.bias`), config.layerNormEps);
  const table = get('decoder.embedding.weight');
  const D = config.hiddenSize;
  const embedded = (id: number): readonly number[] =>
    Array.from(table.subarray(id * D, (id + 1) * D), (v) => v * Math.sqrt(D));
  let x: Rows = ids.map((id) => norm(embedded(id), 'decoder.layernorm1'));
  for (let i = 0; i < config.layers; i++) {
    const layer = `decoder.dec_layers.${i}`;
    const project = (w: string): Rows => x.map((row) => linear(row, `${layer}.mha1.${w}`));
    const mixed = attend(
      turned(project('wq'), model),
      turned(project('wk'), model),
      project('wv'),
      config.heads,
      config.headDim,
    );
    const h = mixed.map((row, t) => norm(plus(linear(row, `${layer}.mha1.dense`), x[t]), `${layer}.layernorm1`));
    const glu = (row: readonly number[]): readonly number[] => {
      const up = linear(row, `${layer}.ffn.gluw2`);
      return linear(
        linear(row, `${layer}.ffn.gluw1`).map((v, j) => (v / (1 + Math.exp(-v))) * up[j]),
        `${layer}.ffn.gluw3`,
      );
    };
    x = h.map((row) => norm(plus(glu(row), row), `${layer}.layernorm2`));
  }
  return linear(x[x.length - 1], 'final_layer');
}

const plus = (a: readonly number[], b: readonly number[]): readonly number[] => a.map((v, i) => v + b[i]);

/** W·x + b with W [out, in]; a bias that is absent is 0. */
function affine(x: readonly number[], weight: Float64Array, bias: Float64Array): readonly number[] {
  return Array.from({ length: weight.length / x.length }, (_, o) =>
    x.reduce((n, v, i) => n + v * weight[o * x.length + i], bias[o] ?? 0),
  );
}

function layerNorm(x: readonly number[], gain: Float64Array, bias: Float64Array, epsilon: number): readonly number[] {
  const mean = x.reduce((n, v) => n + v, 0) / x.length;
  const variance = x.reduce((n, v) => n + (v - mean) ** 2, 0) / x.length;
  return x.map((v, i) => ((v - mean) / Math.sqrt(variance + epsilon)) * gain[i] + bias[i]);
}

/** Rotary embedding of every head, row t by the angles of position t. */
function turned(rows: Rows, { config: { headDim: d, ropeTheta, referenceRope } }: InterpretedModel): Rows {
  return rows.map((row, t) =>
    row.map((_, at) => {
      const [head, j] = [at - (at % d), at % d];
      const pair = referenceRope ? Math.floor(j / 2) : j % (d / 2);
      const isFirst = referenceRope ? j % 2 === 0 : j < d / 2;
      const [first, second] = referenceRope ? [2 * pair, 2 * pair + 1] : [pair, pair + d / 2];
      const angle = t * ropeTheta ** ((-2 * pair) / d);
      const [e, o] = [row[head + first], row[head + second]];
      return isFirst ? e * Math.cos(angle) - o * Math.sin(angle) : o * Math.cos(angle) + e * Math.sin(angle);
    }),
  );
}

/** softmax(q·k / √d)·v over the positions so far, head by head. */
function attend(q: Rows, k: Rows, v: Rows, heads: number, d: number): Rows {
  return q.map((query, t) =>
    Array.from({ length: heads }, (_, h) => {
      const part = (row: readonly number[]): readonly number[] => row.slice(h * d, (h + 1) * d);
      const scores = k
        .slice(0, t + 1)
        .map((key) => part(key).reduce((n, c, j) => n + c * part(query)[j], 0) / Math.sqrt(d));
      const powers = scores.map((s) => Math.exp(s - Math.max(...scores)));
      const total = powers.reduce((n, p) => n + p, 0);
      return Array.from({ length: d }, (_, j) => powers.reduce((n, p, u) => n + (p / total) * part(v[u])[j], 0));
    }).flat(),
  );
}
