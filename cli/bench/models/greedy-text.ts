import { generate, type Session } from '../../../models/pldr/index.ts';

/** Tokens, and when it was: milliseconds since some moment. */
export interface GreedyText {
  readonly ids: readonly number[];
  readonly started: number;
  /** When each token had reached the host. */
  readonly reached: readonly number[];
}

/** The likeliest tokens after a prompt. */
export async function greedyText(
  session: Session, prompt: readonly number[], tokens: number, now: () => number,
): Promise<GreedyText> {
  const [ids, reached]: [number[], number[]] = [[], []];
  const started = now();
  const options = { greedy: true, maxNewTokens: tokens, stopIds: [] };
  for await (const step of generate(session, { rows: [prompt] }, options)) {
    reached.push(now());
    ids.push(step.ids[0]);
  }
  return { ids, started, reached };
}
