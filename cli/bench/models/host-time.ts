import { Session } from '../../../models/pldr/index.ts';
import { resolveSampling } from '../../../runtime/sampling/options.ts';
import type { Sampler } from '../../../runtime/sampling/sampler.ts';
import { settle } from '../bench.ts';
import type { Prepared } from '../case.ts';
import type { BenchModel } from './bench-model.ts';

/**
 * How long the host is busy with handing over one token's work, which it does while the device computes. Here the
 * device has nothing to do meanwhile: a software adapter would take the host's core.
 */
export async function hostTime(model: BenchModel, length: number): Promise<Prepared> {
  const session = await Session.open(await model.loaded());
  const { sampler, capacity } = session;
  if (sampler === undefined) throw new Error('bench: a session that generates has a sampler');
  let step = 0;
  return {
    amount: 1, work: undefined, clock: 'host',
    check: async () => void await model.tokensAfter(length),
    async run() {
      if (step === 0 || session.length === capacity) {
        begin(session, sampler, model.prompt(length));
        step = 0;
        await settle(model.bench.device);
      }
      step += 1;
      return handOver(model, session, sampler, step);
    },
    kernels: () => Promise.resolve(undefined),
    close: () => session.close(),
  };
}

/** What `generate` does for a token before it waits for one, in seconds. */
async function handOver(
  { bench: { device, now } }: BenchModel, session: Session, sampler: Sampler, step: number,
): Promise<number> {
  const started = now();
  session.extend([]);
  device.submit((commands) => {
    session.encodeNext(commands);
    commands.sample(sampler, session.logits(), step);
  });
  const token = sampler.readTokens(step, 1);
  const seconds = (now() - started) / 1000;
  await token;
  await settle(device);
  return seconds;
}

/** Reads the prompt and chooses its first token. */
function begin(session: Session, sampler: Sampler, prompt: readonly number[]): void {
  const { device, config } = session.model;
  const { nextPosition: position, nextSlot: slot } = session.start({ rows: [prompt] });
  sampler.begin(resolveSampling({ greedy: true }, config.vocabSize), {
    position, slot, stopIds: [], padId: config.padId ?? 0, seen: [prompt],
  });
  device.submit((commands) => {
    session.encodeFirst(commands);
    commands.sample(sampler, session.logits(), 0);
  });
}
