import {
  forward,
  generate,
  Session,
  type CacheMode,
  type ForwardOptions,
  type HostTensor,
  type PldrModel,
  type Prompt,
} from '../../../models/pldr/index.ts';
import type { Oracle } from './oracle.ts';

/** What a run gives, by the names of the oracle. */
export interface Computed {
  readonly tensors: Readonly<Record<string, HostTensor>>;
  readonly ids?: Readonly<Record<string, readonly (readonly number[])[]>>;
}

/** One use of the model, and the entries of the oracle that it answers for. */
export interface Run {
  readonly name: string;
  readonly entries: RegExp;
  /** Names of the greedy token lists that it answers for. */
  readonly ids?: RegExp;
  compute(model: PldrModel, oracle: Oracle): Promise<Computed>;
}

/** The modes by the names that the oracle gives them. */
const MODES: Readonly<Record<string, CacheMode>> = { none: 'none', kv: 'kv', g: 'g', kvg: 'kv+g' };

const STEPS = 16;

/** The runs that every case is put through, as far as its oracle has entries for them. */
export const RUNS: readonly Run[] = [
  {
    name: 'one prompt',
    entries: /^prefill1\.(logits|hidden|layer\d+\.(A|A_LM|A_P|G_LM|attention))$/,
    compute: onePrompt,
  },
  { name: 'every layer', entries: /^trace1\.(h0|layer\d+\.(h|k_rot|v))$/, compute: everyLayer },
  ...Object.keys(MODES).map((mode): Run => ({
    name: `greedy, cache ${mode}`,
    entries: new RegExp(`^greedy1\\.${mode}\\.(logits|layer\\d+\\.(A|A_LM|G_LM))$`),
    ids: new RegExp(`^${mode}$`),
    compute: (model, oracle) => greedy(model, oracle, mode),
  })),
  ...['kv', 'kvg'].map((mode): Run => ({
    name: `what a session keeps, cache ${mode}`,
    entries: new RegExp(`^greedy1\\.${mode}\\.layer\\d+\\.(k|v)$`),
    compute: (model, oracle) => kept(model, oracle, mode),
  })),
  { name: 'empty prompt', entries: /^greedy_empty\./, ids: /^empty_prompt_kvg$/, compute: emptyPrompt },
  { name: 'G supplied', entries: /^greedy1\.ginit_identity\./, ids: /^ginit_identity_kv$/, compute: identitySupplied },
  ...['none', 'kvg'].map((mode): Run => ({
    name: `until [END], cache ${mode}`,
    entries: new RegExp(`^greedy_eos\\.${mode}\\.`),
    ids: new RegExp(`^eos_${mode}$`),
    compute: (model, oracle) => untilEnd(model, oracle, mode),
  })),
  {
    name: 'three prompts',
    entries: /^(prefill3|batch3)\./,
    ids: /^batch3$/,
    compute: (model, oracle) =>
      batch(model, 'batch3', { rows: input(oracle, 'ids3') }, { padding: 'exact' }, 'prefill3'),
  },
  {
    name: "three prompts, row 0's G",
    entries: /^(prefill3|batch3_cache_first_G)\./,
    ids: /^batch3_cache_first_G$/,
    compute: (model, oracle) =>
      batch(
        model,
        'batch3_cache_first_G',
        { rows: input(oracle, 'ids3') },
        { padding: 'exact', cacheFirstG: true },
        'prefill3',
      ),
  },
  { name: 'padded on the right', entries: /^rightpad3\./, compute: paddedRight },
  ...(['eager', 'sdpa'] as const).map((kind): Run => ({
    name: `padded on the left, ${kind}`,
    entries: new RegExp(`^leftpad3_${kind}\\.`),
    ids: new RegExp(`^leftpad3_${kind}$`),
    compute: (model, oracle) => batch(model, `leftpad3_${kind}`, leftPadded(oracle), { padding: `hf-${kind}` }),
  })),
  {
    name: "padded on the left, row 0's G",
    entries: /^leftpad3_eager_cache_first_G\./,
    ids: /^leftpad3_eager_cache_first_G$/,
    compute: (model, oracle) =>
      batch(model, 'leftpad3_eager_cache_first_G', leftPadded(oracle), { padding: 'hf-eager', cacheFirstG: true }),
  },
];

function input(oracle: Oracle, name: string): readonly (readonly number[])[] {
  const rows = oracle.inputs.get(name);
  if (rows === undefined) throw new Error(`${oracle.name}: no input ${name}`);
  return rows;
}

const leftPadded = (oracle: Oracle): Prompt => ({
  rows: input(oracle, 'ids3_leftpad'),
  mask: input(oracle, 'mask3_leftpad'),
});

const ids1 = (oracle: Oracle): Prompt => ({ rows: input(oracle, 'ids1') });

type Tensors = Readonly<Record<string, HostTensor>>;

/** `from.x` becomes `to.x`; what has another prefix is left out. */
function renamed(tensors: Tensors, from: string, to: string): Tensors {
  const own = Object.entries(tensors).filter(([name]) => name.startsWith(`${from}.`));
  return Object.fromEntries(own.map(([name, x]) => [`${to}${name.slice(from.length)}`, x]));
}

/** The oracle has no batch axis where there is one prompt. */
const onlyRow = (x: HostTensor): HostTensor => ({ shape: x.shape.slice(1), data: x.data });

/** The logits of every greedy step of one prompt, and its tokens. */
async function continued(
  model: PldrModel,
  prompt: Prompt,
  entry: string,
  ids: string,
  options: ForwardOptions,
): Promise<Computed> {
  const result = await forward(model, prompt, options);
  return {
    tensors: {
      ...renamed(result.tensors, 'prefill', entry),
      [`${entry}.logits`]: onlyRow(result.tensors['greedy.logits']),
    },
    ids: { [ids]: result.ids ?? [] },
  };
}

async function onePrompt(model: PldrModel, oracle: Oracle): Promise<Computed> {
  const { tensors } = await forward(model, ids1(oracle), { deductive: true });
  return { tensors: renamed(tensors, 'prefill', 'prefill1') };
}

/** In mode `none` the values in use at the last step are those of the text with all tokens but the last. */
async function greedy(model: PldrModel, oracle: Oracle, mode: string): Promise<Computed> {
  const first = await continued(model, ids1(oracle), `greedy1.${mode}`, mode, {
    cache: MODES[mode],
    steps: STEPS,
    deductive: mode !== 'none',
  });
  if (mode !== 'none') return first;
  const text = [...input(oracle, 'ids1')[0], ...(first.ids?.['none'][0] ?? []).slice(0, STEPS - 1)];
  const last = await forward(model, { rows: [text] }, { cache: 'none', deductive: true });
  return {
    ...first,
    tensors: {
      ...renamed(last.tensors, 'prefill', 'greedy1.none'),
      'greedy1.none.logits': first.tensors['greedy1.none.logits'],
    },
  };
}

/** Keys and values after the last step of a session, and the text that it made. */
async function kept(model: PldrModel, oracle: Oracle, mode: string): Promise<Computed> {
  const session = await Session.open(model, { cache: MODES[mode] });
  try {
    for await (const _ of generate(session, ids1(oracle), { greedy: true, maxNewTokens: STEPS, stopIds: [] }));
    return { tensors: await cachesOf(session, `greedy1.${mode}`, { k: 'k', v: 'v' }) };
  } finally {
    session.close();
  }
}

async function cachesOf(session: Session, entry: string, names: Readonly<Record<'k' | 'v', string>>): Promise<Tensors> {
  const tensors: Record<string, HostTensor> = {};
  for (let layer = 0; layer < session.model.config.layers; layer++) {
    for (const what of ['k', 'v'] as const) {
      const state = await session.readState(`layer${layer}.${what}`);
      if (state !== undefined) tensors[`${entry}.layer${layer}.${names[what]}`] = state;
    }
  }
  return tensors;
}

async function everyLayer(model: PldrModel, oracle: Oracle): Promise<Computed> {
  const session = await Session.open(model, { outputs: { layers: true } });
  try {
    for await (const _ of generate(session, ids1(oracle), { greedy: true, maxNewTokens: 1, stopIds: [] }));
    const tensors: Record<string, HostTensor> = { 'trace1.h0': await session.readFirst('embedding', session.layout) };
    for (let layer = 0; layer < model.config.layers; layer++) {
      tensors[`trace1.layer${layer}.h`] = await session.readFirst(`layer${layer}.h`, session.layout);
    }
    return { tensors: { ...tensors, ...(await cachesOf(session, 'trace1', { k: 'k_rot', v: 'v' })) } };
  } finally {
    session.close();
  }
}

/** An empty text is the single token [END]. */
async function emptyPrompt(model: PldrModel): Promise<Computed> {
  const { tensors, ids } = await continued(model, { rows: [[3]] }, 'greedy_empty.kvg', 'empty_prompt_kvg', {
    steps: 8,
  });
  return { tensors, ids: { empty_prompt_kvg: (ids?.['empty_prompt_kvg'] ?? []).map((row) => [3, ...row]) } };
}

async function identitySupplied(model: PldrModel, oracle: Oracle): Promise<Computed> {
  const { layers, heads, headDim: d } = model.config;
  const G = Float32Array.from({ length: layers * heads * d * d }, (_, i) => (Math.floor(i / d) % d === i % d ? 1 : 0));
  return continued(model, ids1(oracle), 'greedy1.ginit_identity', 'ginit_identity_kv', { cache: 'kv', steps: 8, G });
}

/** Tokens of `generate`, which stops at the end token, and logits of as many steps of `forward`, which does not. */
async function untilEnd(model: PldrModel, oracle: Oracle, mode: string): Promise<Computed> {
  const prompt = { rows: input(oracle, 'ids_eos') };
  const session = await Session.open(model, { cache: MODES[mode] });
  const ids: number[] = [];
  try {
    for await (const step of generate(session, prompt, { greedy: true, maxNewTokens: STEPS })) ids.push(step.ids[0]);
  } finally {
    session.close();
  }
  const { tensors } = await continued(model, prompt, `greedy_eos.${mode}`, mode, {
    cache: MODES[mode],
    steps: ids.length,
  });
  return { tensors, ids: { [`eos_${mode}`]: [ids] } };
}

/** Three rows at once: the logits of the prompt, and of every greedy step. */
async function batch(
  model: PldrModel,
  entry: string,
  prompt: Prompt,
  options: ForwardOptions,
  prefill = entry,
): Promise<Computed> {
  const { tensors, ids } = await forward(model, prompt, { ...options, steps: STEPS, deductive: true });
  return {
    tensors: {
      ...renamed(tensors, 'prefill', prefill),
      [`${prefill}.${prefill === entry ? 'prefill_logits' : 'logits'}`]: tensors['prefill.logits'],
      [`${entry}.logits`]: tensors['greedy.logits'],
    },
    ids: { [entry]: ids ?? [] },
  };
}

/** The mask of the authors' training: id 0 is padding, whose keys are blocked and whose queries are not. */
async function paddedRight(model: PldrModel, oracle: Oracle): Promise<Computed> {
  const rows = input(oracle, 'ids3_rightpad');
  const mask = rows.map((r) => r.map((id) => (id === 0 ? 0 : 1)));
  const { tensors } = await forward(model, { rows, mask }, { padding: 'hf-eager', deductive: true });
  return { tensors: renamed(tensors, 'prefill', 'rightpad3') };
}
