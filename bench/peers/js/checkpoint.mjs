// A checkpoint folder in the published Hugging Face format, as jax-js arrays; checkpoint.py is the same in Python.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadModule } from '../../../scripts/load.mjs';

const { openSafetensors, readFloats } = await loadModule('runtime/safetensors/index');

/** What this peer supports: the shape of the published v51 models, whose G is learned. Any other value is refused. */
const REQUIRED = {
  model_type: 'pldrllm', hidden_act: 'silu', rope_scaling: null, reference_rope: true, attention_bias: true,
  glu_bias: true, final_bias: true, custom_G_type: null, tie_word_embeddings: false,
};

const PLGA = ['Wlst', 'blst', 'pwlst', 'alst', 'balst'];

/** Reads config.json. @throws Error that names every key which this peer cannot serve */
export async function loadConfig(folder) {
  const raw = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
  const wrong = Object.entries(REQUIRED).filter(([key, value]) => (raw[key] ?? null) !== value);
  if (wrong.length > 0) {
    const problems = wrong.map(([key, value]) =>
      `${key} is ${JSON.stringify(raw[key])}, only ${JSON.stringify(value)} is supported`);
    throw new Error(`${folder}/config.json: ${problems.join('; ')}`);
  }
  return {
    hidden: raw.hidden_size, layers: raw.num_hidden_layers, heads: raw.num_attention_heads, headDim: raw.head_dim,
    eps: raw.layer_norm_eps, ropeTheta: raw.rope_theta, residualUnits: raw.num_reslayerA, glusPerUnit: raw.num_denseA,
  };
}

/**
 * Weights as f32 in the shape of the model: {embedding, norm, layers, nets, head}, where the net that makes a layer's G
 * lies apart from the layer, since a step does not read it. A linear layer is a pair (weight [out, in], bias [out]), a
 * norm a pair (gain, bias). Layers that read the same input are one: q, k and v, and the gate and the value of every
 * gated unit.
 */
export async function loadWeights({ numpy: np }, folder, config) {
  const read = readerOf(np, (await openSafetensors(join(folder, 'model.safetensors'))).tensors);
  return {
    embedding: await read.stacked(['decoder.embedding.weight']), norm: await read.joined('decoder.layernorm1'),
    layers: await each(config.layers, (i) => layer(read, `decoder.dec_layers.${i}`)),
    nets: await each(config.layers, (i) => net(read, `decoder.dec_layers.${i}.mha1`, config)),
    head: await read.joined('final_layer'),
  };
}

const layer = async (read, name) => ({
  qkv: await read.joined(...['wq', 'wk', 'wv'].map((of) => `${name}.mha1.${of}`)),
  dense: await read.joined(`${name}.mha1.dense`), norm1: await read.joined(`${name}.layernorm1`),
  ffn: await read.glu(`${name}.ffn`), norm2: await read.joined(`${name}.layernorm2`),
});

async function net(read, mha, { residualUnits, glusPerUnit }) {
  const unit = async (name) => ({
    glus: await each(glusPerUnit, (n) => read.glu(`${name}.denseAs.${n}`)),
    norm: await read.joined(`${name}.layernormA`),
  });
  const plga = await each(PLGA.length, async (n) => [PLGA[n], await read.stacked([`${mha}.plgatt_layer.${PLGA[n]}`])]);
  return {
    densityNorm: await read.joined(`${mha}.layernorm1`),
    units: await each(residualUnits, (r) => unit(`${mha}.reslayerAs.${r}`)),
    plga: Object.fromEntries(plga),
  };
}

/** One after the other, so that few files are open and memory stays low. */
async function each(count, load) {
  const all = [];
  for (let i = 0; i < count; i++) all.push(await load(i));
  return all;
}

/** Reads tensors of a file by their names. */
function readerOf(np, tensors) {
  /** Tensors below each other, along their first axis. */
  async function stacked(names) {
    const entries = names.map((name) => tensors.get(name));
    const lengths = entries.map(({ shape }) => shape.reduce((n, s) => n * s, 1));
    const data = new Float32Array(lengths.reduce((n, s) => n + s, 0));
    for (let i = 0, from = 0; i < entries.length; from += lengths[i++]) {
      await readFloats(entries[i], 0, data.subarray(from, from + lengths[i]));
    }
    const rows = entries.reduce((n, { shape }) => n + shape[0], 0);
    return np.array(data, { shape: [rows, ...entries[0].shape.slice(1)] });
  }
  const joined = async (...names) =>
    [await stacked(names.map((name) => `${name}.weight`)), await stacked(names.map((name) => `${name}.bias`))];
  const glu = async (name) =>
    ({ in: await joined(`${name}.gluw1`, `${name}.gluw2`), out: await joined(`${name}.gluw3`) });
  return { stacked, joined, glu };
}

/** Cosines and sines of the rotary embedding, [positions, head_dim / 2] each. */
export function rotations({ numpy: np }, { headDim, ropeTheta }, positions) {
  const half = headDim / 2;
  const table = (of) => {
    const angle = (i) => Math.floor(i / half) * ropeTheta ** (-2 * (i % half) / headDim);
    const entries = Float32Array.from({ length: positions * half }, (_, i) => of(angle(i)));
    return np.array(entries, { shape: [positions, half] });
  };
  return [table(Math.cos), table(Math.sin)];
}
