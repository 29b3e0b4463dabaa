import { RicciError } from '../../../../dsl/errors.ts';
import { headJson, headShapes, EDGES, type HeadKind } from '../../heads/head-kind.ts';
import { parameterShapes } from '../../parameters.ts';
import { weightsRead } from '../../weights-read.ts';
import { locatedConfig } from '../config/parse-train-config.ts';
import type { TrainConfig } from '../config/schema.ts';
import { corpusFiles } from '../data/corpus-files.ts';
import { IGNORED_LABEL } from '../head-losses.ts';
import type { TrainingSetup } from '../run/setup.ts';
import type { Task } from '../run/task.ts';
import { headGraph, paddingOf } from '../task/heads.ts';
import { BEHIND, type Example } from './example.ts';
import { batchesInOrder, exampleBatches, type NumberedExample, type RowShape } from './example-batches.ts';
import { checkLabels, countLabels, sortedLabels } from './labels.ts';
import { readerOf } from './readers.ts';
import { readRecords, type Placed } from './read-records.ts';
import { splitExamples } from './split-examples.ts';

/** To train a head on labelled data, with the model below it. Throws as `corpusFiles`, `readRecords`, `checkLabels`. */
export async function headTask(kind: HeadKind, config: TrainConfig, setup: TrainingSetup): Promise<Task> {
  const { batch: rows, context, seed, data } = locatedConfig(config, setup.base ?? '');
  const { model, tokenizer: { tokenizer }, tell } = setup;
  const files = await corpusFiles(data.paths, data.format);
  const reader = readerOf(kind, { tokenizer, context, key: data.key });
  const { train, heldOut } = splitExamples(await readRecords(files, reader), data.validation, seed);
  const labels = labelsIn(kind, train, heldOut);
  const numbers = new Map(labels.map((label, i) => [label, i]));
  const numbered = ({ example }: Placed<Example>): NumberedExample => (
    { ids: example.ids, targets: example.targets((label) => numbers.get(label) ?? IGNORED_LABEL) }
  );
  const all = [...train, ...heldOut];
  // No row is longer than the longest example, so that no more is computed.
  const positions = Math.max(...all.map(({ example }) => example.ids.length));
  const shape: RowShape = { rows, positions, padding: paddingOf(model), ...targetsOf(kind, positions) };
  const [trained, validated] = [train.map(numbered), heldOut.map(numbered)];
  checkAnswers(kind, trained, context);
  tell({
    kind: 'labelled', examples: all.length, labels: countedIn(all), heldOut: heldOut.length,
    heldOutLabels: countedIn(heldOut),
  });
  return {
    graph: headGraph(kind, labels.length),
    positions,
    ...weightsOf(kind, setup, labels.length),
    described: headJson(kind, labels),
    documents: all.length,
    tokens: all.reduce((n, { example }) => n + example.ids.length, 0),
    batches: (start) => exampleBatches(trained, { ...shape, shuffled: data.shuffle !== 'none' }, start),
    validation: validated.length === 0 ? undefined : async function* (most) {
      yield* batchesInOrder(validated, shape, most);
    },
    close: () => Promise.resolve(),
  };
}

const countedIn = (examples: readonly Placed<Example>[]) => countLabels(examples.flatMap(({ example }) => example.labels));

function labelsIn(
  kind: HeadKind, train: readonly Placed<Example>[], heldOut: readonly Placed<Example>[],
): readonly string[] {
  if (kind === 'question-answering') return [];
  const labels = train.flatMap(({ example }) => example.labels);
  // The last entry of a key wins: so the first place.
  const places = heldOut.flatMap(({ example, place }) => example.labels.map((label) => [label, place] as const));
  checkLabels({ trained: new Set(labels), heldOut: new Map(places.toReversed()) });
  return sortedLabels(labels);
}

/** The head replaces the layer that says the next token. */
function weightsOf(kind: HeadKind, { model, variant }: TrainingSetup, labels: number): Pick<Task, 'shapes' | 'fresh'> {
  const below = variant === undefined ? parameterShapes(model) : weightsRead(model, variant);
  const head = headShapes(kind, model.hiddenSize, labels);
  return {
    shapes: new Map([...[...below].filter(([name]) => !name.startsWith('final_layer.')), ...head]),
    fresh: new Set(head.keys()),
  };
}

function targetsOf(kind: HeadKind, positions: number): Pick<RowShape, 'width' | 'none'> {
  switch (kind) {
    case 'sequence-classification': return { width: 1, none: IGNORED_LABEL };
    case 'token-classification': return { width: positions, none: IGNORED_LABEL };
    case 'question-answering': return { width: EDGES, none: BEHIND };
  }
}

/** @throws RicciError `data/cut-off` where no answer stands among the tokens that are read */
function checkAnswers(kind: HeadKind, examples: readonly NumberedExample[], context: number): void {
  if (kind !== 'question-answering' || examples.some(({ targets }) => targets[0] !== BEHIND)) return;
  throw new RicciError({
    code: 'data/cut-off',
    message: `None of the answers stands in the first ${context} tokens of its question and context.`,
    hint: 'Give a longer context, or shorter texts.',
  });
}
