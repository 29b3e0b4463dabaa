import { RicciError } from '../../dsl/index.ts';
import type { PldrModel } from './model.ts';
import type { Prompt } from './prompt.ts';
import { Session, type SessionOptions } from './session.ts';

/** Tensors of a layer in the order in which they are computed. */
const ORDER = ['A', 'A_LM', 'A_P', 'G', 'attention', 'h'];

/** Reads the text again, as the session did, with every layer's tensors; names the first with a number that is not finite. */
export async function explainNonFinite(
  model: PldrModel,
  prompt: Prompt,
  { padding, G }: Pick<SessionOptions, 'padding' | 'G'> = {},
): Promise<RicciError> {
  const session = await Session.open(model, {
    batch: prompt.rows.length,
    cache: 'none',
    outputs: { deductive: true, layers: true },
    ...(padding === undefined ? {} : { padding }),
    ...(G === undefined ? {} : { G }),
  });
  try {
    const layout = session.runFirst(prompt);
    for (const name of namesInOrder(model, session)) {
      const { data } = await session.readFirst(name, layout);
      const at = data.findIndex((x) => !Number.isFinite(x));
      if (at >= 0) return notFinite(describe(name), data[at]);
    }
    return notFinite('the logits', Number.NaN);
  } finally {
    session.close();
  }
}

function namesInOrder(model: PldrModel, session: Session): readonly string[] {
  const layers = Array.from({ length: model.config.layers }, (_, i) => ORDER.map((what) => `layer${i}.${what}`)).flat();
  return ['embedding', ...layers].filter((name) => session.values[name] !== undefined);
}

function describe(name: string): string {
  const match = /^layer(\d+)\.(.*)$/.exec(name);
  return match === null ? `the ${name}` : `layer ${match[1]}, ${match[2] === 'h' ? 'the output' : match[2]}`;
}

const notFinite = (where: string, value: number): RicciError => new RicciError({
  code: 'pldr/not-finite',
  message: `The logits are not finite numbers; the first such value is in ${where} (${value}).`,
  hint: 'Check that the weights are not damaged; models trained in bfloat16 can overflow when converted to float16.',
});
