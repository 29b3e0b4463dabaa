import { readValue, writeValue } from '../../runtime/transfer.ts';
import { generate } from './generate.ts';
import type { HostTensor } from './host-tensor.ts';
import type { PldrModel } from './model.ts';
import { headProgram, type CacheMode } from './programs.ts';
import type { Padding, Prompt, PromptLayout } from './prompt.ts';
import { Session } from './session.ts';

export interface ForwardOptions {
  readonly padding?: Padding;
  readonly cache?: CacheMode;
  readonly cacheFirstG?: boolean;
  /** Greedy steps after the prompt; they do not stop at the end token. */
  readonly steps?: number;
  /** G for every forward [layer, head, row, col]. */
  readonly G?: Float32Array;
  /** Also return A, A_LM, A_P, G_LM and attention of every layer. */
  readonly deductive?: boolean;
}

/** Tensors by the names that `ricci forward` writes. */
export interface ForwardResult {
  readonly tensors: Readonly<Record<string, HostTensor>>;
  /** Greedy tokens [batch, steps]. */
  readonly ids: readonly (readonly number[])[] | undefined;
}

/** Hidden states whose logits are computed at a time. */
const HEAD_ROWS = 64;

/**
 * One forward pass over a batch, and greedy steps after it:
 * - `prefill.logits` [batch, pos, vocab], `prefill.hidden` [batch, pos, embed], in the columns of the caller's matrix
 *   (columns that an exact pass does not compute are 0);
 * - with `deductive`: `prefill.layerN.A`, `A_LM`, `A_P`, `G_LM` [batch, head, d, d] and `attention` [batch, head, pos, pos];
 * - with `steps`: `greedy.logits` [batch, steps, vocab].
 * @throws as `Session.open` and `generate`
 */
export async function forward(model: PldrModel, prompt: Prompt, options: ForwardOptions = {}): Promise<ForwardResult> {
  const batch = prompt.rows.length;
  const session = await Session.open(model, {
    ...options, batch, cache: options.cache ?? 'kv+g',
    outputs: { hidden: true, deductive: options.deductive ?? false },
  });
  try {
    const steps = options.steps ?? 0;
    const greedy = steps > 0 ? await greedySteps(session, prompt, steps) : undefined;
    const layout = greedy?.layout ?? session.runFirst(prompt);
    const hidden = await session.readFirst('hidden', layout);
    const tensors: Record<string, HostTensor> = {};
    const width = Math.max(...prompt.rows.map((r) => r.length));
    if (model.checkpoint.hasHead) tensors['prefill.logits'] = inCallersColumns(await headLogits(model, hidden), layout, width);
    tensors['prefill.hidden'] = inCallersColumns(hidden, layout, width);
    if (options.deductive === true) Object.assign(tensors, await deductive(session, layout));
    if (greedy !== undefined) tensors['greedy.logits'] = greedy.logits;
    return { tensors, ids: greedy?.ids };
  } finally {
    session.close();
  }
}

interface Greedy { readonly logits: HostTensor; readonly ids: readonly (readonly number[])[]; readonly layout: PromptLayout }

/** Every step is read before the next is encoded, so that its logits are still there. */
async function greedySteps(session: Session, prompt: Prompt, steps: number): Promise<Greedy> {
  const vocab = session.model.config.vocabSize;
  const data = new Float32Array(session.batch * steps * vocab);
  const ids: number[][] = prompt.rows.map(() => []);
  let layout: PromptLayout | undefined;
  let n = 0;
  for await (const step of generate(session, prompt, { greedy: true, maxNewTokens: steps, stopIds: [], inFlight: 1 })) {
    layout ??= session.layout;
    const logits = await session.readLogits();
    step.ids.forEach((id, b) => {
      ids[b].push(id);
      data.set(logits.data.subarray(b * vocab, (b + 1) * vocab), (b * steps + n) * vocab);
    });
    n += 1;
  }
  return { logits: { shape: [session.batch, steps, vocab], data }, ids, layout: layout ?? session.layout };
}

/** Logits of all hidden states, a block of rows at a time: [batch, pos, vocab]. */
async function headLogits(model: PldrModel, hidden: HostTensor): Promise<HostTensor> {
  const { device } = model;
  const [batch, length, embed] = hidden.shape;
  const vocab = model.config.vocabSize;
  const program = await model.program(`head/${HEAD_ROWS}`, () => headProgram(model.config, HEAD_ROWS));
  const buffers = model.weights.share('weights:');
  const out = new Float32Array(batch * length * vocab);
  const exe = await device.open(program, buffers);
  try {
    for (let from = 0; from < batch * length; from += HEAD_ROWS) {
      const rows = Math.min(HEAD_ROWS, batch * length - from);
      const block = hidden.data.subarray(from * embed, (from + rows) * embed);
      writeValue(device, buffers, 'hidden', program.inputs['hidden'], { rows }, block);
      device.submit((commands) => commands.run(exe, { rows }));
      const logits = await readValue(device, buffers, program.outputs['logits'], { rows });
      out.set(Float32Array.from(logits), from * vocab);
    }
  } finally {
    exe.destroy();
    buffers.destroy();
  }
  return { shape: [batch, length, vocab], data: out };
}

/** Puts computed columns where the caller's tokens were. */
function inCallersColumns(x: HostTensor, layout: PromptLayout, width: number): HostTensor {
  const [batch, length, last] = x.shape;
  const out = new Float32Array(batch * width * last);
  for (let b = 0; b < batch; b++) {
    for (let j = 0; j < length; j++) {
      const column = layout.sourceColumn[b][j];
      if (column >= 0) out.set(x.data.subarray((b * length + j) * last, (b * length + j + 1) * last), (b * width + column) * last);
    }
  }
  return { shape: [batch, width, last], data: out };
}

const WRITTEN_NAMES: Readonly<Record<string, string>> = { A: 'A', A_LM: 'A_LM', A_P: 'A_P', G: 'G_LM', attention: 'attention' };

async function deductive(session: Session, layout: PromptLayout): Promise<Readonly<Record<string, HostTensor>>> {
  const out: Record<string, HostTensor> = {};
  for (const name of Object.keys(session.values)) {
    const match = /^(layer\d+)\.(\w+)$/.exec(name);
    const written = match === null ? undefined : WRITTEN_NAMES[match[2]];
    if (match === null || written === undefined) continue;
    out[`prefill.${match[1]}.${written}`] = await session.readFirst(name, layout);
  }
  return out;
}
