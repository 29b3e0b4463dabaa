import { generate, Session, type PldrModel } from '../../models/pldr/index.ts';
import { normalisedRmse, type NormalisedRmse } from './normalised-rmse.ts';
import { deduced, mapDeduced, readText, type ByDeduced, type LayerDeductions } from './deductions.ts';

/** One number for each deduced tensor. */
export type Spread = ByDeduced<NormalisedRmse>;

/** How far apart the tensors of separately sampled texts are, in units of their mean. */
export interface OrderParameter {
  /** Tokens that were sampled after each prompt, where no end token came before. */
  readonly tokens: number;
  /** Two runs: RMSE₁₂ / |μ₁|. */
  readonly runs: Spread;
  /** The first run and the prompts alone, whose tensors a cache keeps: RMSE₁c / |μc|. */
  readonly cached: Spread;
}

/** How the paper's runs draw tokens; the seed is ours. */
const SAMPLING = { temperature: 1, topP: 0.8, order: 'authors', seed: 1 } as const;

/**
 * The order parameter of "PLDR-LLMs Reason At Self-Organized Criticality" (arXiv 2603.23539, sections 3 and 4.2): the
 * root mean square error between what two sampled runs deduce, over all prompts, layers, heads and entries, divided by
 * the magnitude of the mean entry. Nothing is cached in either run, and the tensors are those of its last pass; a third
 * run is represented by the prompts' own tensors, which its cache would keep. The paper goes by G_LM, or by A where that
 * of G_LM is 0, and finds G_LM's to be 0 to 0.022 for models trained near criticality and 6.8 to 184 for others (table 13).
 *
 * The paper reads 100 texts of up to 200 words of IMDB and samples up to 256 tokens; here the caller says what is read,
 * and no more tokens are sampled than fit after the longest prompt. Undefined where fewer than two fit, since no text
 * then grows.
 * @throws as `generate`
 */
export async function orderParameter(
  model: PldrModel, prompts: readonly (readonly number[])[], wanted: number,
): Promise<OrderParameter | undefined> {
  const tokens = Math.min(wanted, model.config.contextLength - Math.max(...prompts.map((p) => p.length)));
  if (tokens < 2) return undefined;
  const [first, second] = await sampledTwice(model, prompts, tokens);
  const read = async (texts: readonly (readonly number[])[]): Promise<readonly LayerDeductions[]> => {
    const layers: LayerDeductions[] = [];
    for (const text of texts) layers.push(...(await readText(model, text)).layers);
    return layers;
  };
  const [one, two, cached] = [await read(first), await read(second), await read(prompts)];
  return { tokens, runs: spreadOf(two, one), cached: spreadOf(one, cached) };
}

/** RMSE between what two runs deduced, [text and layer], in units of the reference's mean. */
export const spreadOf = (run: readonly LayerDeductions[], reference: readonly LayerDeductions[]): Spread =>
  mapDeduced(reference[0], (_, name) =>
    normalisedRmse(run.map((layer) => deduced(layer, name)), reference.map((layer) => deduced(layer, name))));

type Texts = readonly (readonly number[])[];

/**
 * Two sampled runs over the prompts, as rows of one batch, each of which draws from a stream of its own. A text is what
 * its last token was chosen from, since that pass is the last to deduce anything.
 */
async function sampledTwice(model: PldrModel, prompts: Texts, tokens: number): Promise<readonly [Texts, Texts]> {
  const rows = [...prompts, ...prompts];
  const session = await Session.open(model, { batch: rows.length, cache: 'none' });
  try {
    const sampled: number[][] = rows.map(() => []);
    for await (const { ids, ended } of generate(session, { rows }, { ...SAMPLING, maxNewTokens: tokens }))
      ids.forEach((id, r) => { if (!ended[r]) sampled[r].push(id); });
    const texts = rows.map((row, r) => [...row, ...sampled[r].slice(0, -1)]);
    return [texts.slice(0, prompts.length), texts.slice(prompts.length)];
  } finally {
    session.close();
  }
}
