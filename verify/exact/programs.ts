import { profileBy, type Profile } from '../../compiler/loop/schedule.ts';
import { BLOCK_TOKENS, readBlock, Session, targetOf, type PldrModel, type Recompiled } from '../../models/pldr/index.ts';
import { follow, frozenAt, logitsAt, logitsOfText } from '../texts.ts';
import type { Evidence } from './law.ts';
import { pairsUntilParted, type Pair } from './pairs.ts';

/** The text's first token as a prompt, and the rest in blocks of 1, 2, 3, 5, 8, … tokens. */
export async function pairsOfBlocks({ model, prompt, ids }: Evidence): Promise<readonly Pair[]> {
  const text = [...prompt, ...ids.slice(0, -1)];
  const frozen = await frozenAt(model, prompt);
  const whole = await logitsOfText(model, text, frozen);
  const session = await Session.open(model, frozen);
  try {
    session.runFirst({ rows: [text.slice(0, 1)] });
    const pairs: Pair[] = [];
    for (let [size, next, at] = [1, 2, 1]; at < text.length; [size, next, at] = [next, size + next, at + size]) {
      size = Math.min(size, BLOCK_TOKENS, text.length - at);
      const block = await readBlock(session, [text.slice(at, at + size)]);
      for (let n = 0; n < size; n++) pairs.push([logitsAt(block, 0, n), whole[at + n]]);
    }
    return pairs;
  } finally {
    session.close();
  }
}

export const pairsOfCapacity = (evidence: Evidence): Promise<readonly Pair[]> =>
  pairsOfRecompiled(evidence, { contextLength: evidence.prompt.length + evidence.steps });

export const pairsOfSchedule = (evidence: Evidence): Promise<readonly Pair[]> =>
  pairsOfRecompiled(evidence, { profile: otherwise(targetOf(evidence.model.device).profile) });

/** Other blocks, other sums, another order: what a tuner may choose. */
const otherwise = (profile: Profile): Profile => profileBy(profile, {
  subgroups: false, lanes: 8, threads: profile.threads === 32 ? 64 : 32, tile: 2, sharedFrom: 16, sharedTotals: 1,
  onlineChunk: 16,
  vectors: { totals: 4, rows: 2, streams: 3, inTurn: 64, chains: 2, chunk: 8, panelFrom: 2 },
});

async function pairsOfRecompiled(evidence: Evidence, changes: Recompiled): Promise<readonly Pair[]> {
  const { model, prompt, steps } = evidence;
  const other: PldrModel = model.recompiled(changes);
  try {
    return pairsUntilParted(evidence, await follow(other, prompt, steps));
  } finally {
    other.close();
  }
}
