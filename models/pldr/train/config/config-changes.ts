import { RicciError } from '../../../../dsl/errors.ts';
import { showJson } from '../../../../runtime/safetensors/json.ts';
import type { JsonObject } from '../../../../runtime/safetensors/json.ts';
import { fieldsOf, valueAt } from './flatten.ts';
import { TRAIN_SCHEMA } from './schema.ts';
import type { TrainConfig } from './schema.ts';

/** A key whose value a training was begun with, and another that it is to go on with. */
export interface ConfigChange {
  /** `learningRate.peak` */
  readonly key: string;
  readonly before: unknown;
  readonly after: unknown;
  /** Whether the weights will be others than if training had gone on as it was begun. */
  readonly changesWeights: boolean;
}

/**
 * The keys that differ.
 * @param before as a checkpoint holds it; what an earlier program did not know had its default
 */
export function configChanges(before: JsonObject, after: TrainConfig): readonly ConfigChange[] {
  return [...fieldsOf(TRAIN_SCHEMA)].flatMap(([key, { absent, changesWeights }]) => {
    const change = { key, before: valueAt(before, key) ?? absent, after: valueAt(after, key), changesWeights };
    return JSON.stringify(change.before) === JSON.stringify(change.after) ? [] : [change];
  });
}

/** `learningRate.peak was 0.001 and is 0.002` */
export const showChange = ({ key, before, after }: ConfigChange): string =>
  `${key} was ${showJson(before)} and is ${showJson(after)}`;

/**
 * Refuses to go on where the weights would be others.
 * @param checkpoint named in the error
 * @throws RicciError `train/changed-config` that lists every key which differs and matters
 */
export function checkUnchanged(before: JsonObject, after: TrainConfig, checkpoint: string): void {
  const changes = configChanges(before, after).filter(({ changesWeights }) => changesWeights);
  if (changes.length === 0) return;
  throw new RicciError({
    code: 'train/changed-config',
    message: [
      `The training of ${checkpoint} was begun with another configuration:`,
      ...changes.map((change) => `  - ${showChange(change)}`),
    ].join('\n'),
    hint: 'Go on with the same values, or begin a training of its own from this checkpoint (model.from).',
  });
}
