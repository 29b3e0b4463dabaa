import { forward } from '../../../models/pldr/index.ts';
import { momentName } from '../../../models/pldr/train/training-graph.ts';
import type { Trainer } from '../../../models/pldr/train/trainer.ts';
import { wrongResult } from '../wrong.ts';
import type { TrainingSubject } from './training-subject.ts';

/** What is checked of a training. */
export type CheckedTraining = Pick<TrainingSubject, 'model' | 'batch' | 'recipe' | 'trainer' | 'update'>;

/** How far a loss may be from that of the logits, in nats: roundings of f32 alone move it by less than 1e-5. */
const LOSS_BOUND = 1e-3;
/** How far a checked update goes: the loss falls by so many nats as far as its gradient says, … */
const FALL = 1e-3;
/** … but no step is so short that it is lost where it is added to a weight. */
const LEAST_RATE = 3e-7;
/** Of that fall, what comes at least, and at most where no gradient was cut. */
const [LEAST, MOST] = [0.5, 1.5];

/**
 * Compares the loss of a row with that of the logits that the model generates by, and the fall of the loss over a short
 * update with what the update's gradient says.
 * @throws RicciError `bench/wrong`
 */
export async function checkTraining(subject: CheckedTraining): Promise<void> {
  const exact = await lossByLogits(subject);
  const trainer = await subject.trainer();
  const { batch } = subject;
  const targets = batch.targets.map((id, i) => (i < batch.positions ? id : 0)); // 0 is no target
  const { crossEntropy } = await trainer.measure({ ...batch, targets });
  if (!(Math.abs(crossEntropy - exact) <= LOSS_BOUND)) {
    throw wrongResult(`The loss in training is ${crossEntropy}, and ${exact} by the logits.`);
  }
  await checkFall(subject, trainer);
}

/** The mean cross-entropy of the batch's first row, in double precision. */
async function lossByLogits({ model, batch: { ids, targets, positions } }: CheckedTraining): Promise<number> {
  const { tensors: { 'prefill.logits': logits } } = await forward(
    await model.loaded(), { rows: [[...ids.subarray(0, positions)]] },
  );
  const vocab = model.config.vocabSize;
  let sum = 0;
  for (let i = 0; i < positions; i++) {
    const row = logits.data.subarray(i * vocab, (i + 1) * vocab);
    const largest = row.reduce((a, b) => Math.max(a, b));
    sum += largest + Math.log(row.reduce((total, x) => total + Math.exp(x - largest), 0)) - row[targets[i]];
  }
  return sum / positions;
}

async function checkFall(subject: CheckedTraining, trainer: Trainer): Promise<void> {
  await subject.update();
  const { slope, isCut } = await slopeAlongUpdate(trainer, subject.recipe);
  const rate = Math.max(FALL / slope, LEAST_RATE);
  const before = await subject.update(rate);
  const { crossEntropy: after } = await trainer.measure(subject.batch);
  const part = (before - after) / (rate * slope);
  if (part >= LEAST && (isCut || part <= MOST)) return;
  throw wrongResult(
    `An update at the rate ${rate.toPrecision(3)} moves the loss from ${before} to ${after}, which is ` +
      `${part.toPrecision(3)} of what its gradient says.`,
  );
}

/**
 * How fast the loss falls with the rate of a second update of the same weights with the same batch, whose moments,
 * their bias corrected, are the gradient g and its square: Σ g · (g / (|g| + ε) + decay · w). Cut gradients make it
 * less than it is.
 */
async function slopeAlongUpdate(
  trainer: Trainer, { betas: [beta], eps, weightDecay }: CheckedTraining['recipe'],
): Promise<{ readonly slope: number; readonly isCut: boolean }> {
  let [slope, isCut] = [0, false];
  for (const name of trainer.trained) {
    const [moments, weights] = [await trainer.read(momentName('m', name)), await trainer.read(name)];
    moments.forEach((m, i) => {
      const g = m / (1 - beta);
      slope += g * (g / (Math.abs(g) + eps) + weightDecay * weights[i]);
      isCut ||= Math.abs(g) > 0.999;
    });
  }
  return { slope, isCut };
}
