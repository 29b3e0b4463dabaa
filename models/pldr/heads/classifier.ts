import { join } from 'node:path';
import { RicciError } from '../../../dsl/errors.ts';
import type { Device } from '../../../runtime/device.ts';
import { readJsonFile } from '../../../runtime/safetensors/json.ts';
import { readValue, writeValue } from '../../../runtime/transfer.ts';
import type { UploadOptions } from '../../../runtime/weights.ts';
import { openCheckpoint, type Checkpoint } from '../checkpoint.ts';
import { entriesOf, openProgram, type OpenProgram } from '../open-program.ts';
import type { Variant } from '../operator.ts';
import { loadTokenizer, type Tokenizer } from '../tokenizer/index.ts';
import { headKindOf, labelsOf, type HeadKind } from './head-kind.ts';
import { headProgram } from './head-program.ts';

/** A checkpoint that has a head, and what its labels are called. */
export interface HeadCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly kind: HeadKind;
  /** None where answers are looked for. */
  readonly labels: readonly string[];
  readonly tokenizer: Tokenizer;
  readonly variant: Variant | undefined;
}

/**
 * Opens a checkpoint's folder; no weights are read yet.
 * @throws RicciError `checkpoint/no-task-head`, `checkpoint/no-tokenizer`, and as `openCheckpoint` and `loadTokenizer`
 */
export async function openHeadCheckpoint(dir: string, variant?: Variant): Promise<HeadCheckpoint> {
  const checkpoint = await openCheckpoint(dir, { variant });
  const kind = headKindOf(checkpoint.heads);
  if (kind === undefined) {
    throw new RicciError({
      code: 'checkpoint/no-task-head',
      message: `The model in ${dir} has no head that classifies: neither score.weight nor qa_outputs.weight.`,
      hint: 'Train one (`ricci train`, with a "task"), or let this model write (`ricci generate`).',
    });
  }
  if (checkpoint.tokenizerFile === undefined) {
    throw new RicciError({
      code: 'checkpoint/no-tokenizer',
      message: `${dir} holds no tokenizer.model, so text cannot be read.`,
      hint: 'Put the tokenizer of this model there.',
    });
  }
  const count = kind === 'question-answering' ? 0 : checkpoint.heads.get('score.weight')?.shape[0] ?? 0;
  const labels = labelsOf(await readJsonFile(join(dir, 'config.json'), 'config'), count);
  return { checkpoint, kind, labels, tokenizer: await loadTokenizer(checkpoint.tokenizerFile), variant };
}

/** A model with a head on a device, which reads one text at a time. */
export class Classifier {
  readonly #device: Device;
  readonly #opened: OpenProgram;

  private constructor(device: Device, opened: OpenProgram) {
    this.#device = device;
    this.#opened = opened;
  }

  /** Compiles the program and loads the weights. @throws `device/out-of-memory`, `weights/…` */
  static async open(
    device: Device, { checkpoint, kind, labels, variant }: HeadCheckpoint, options: UploadOptions = {},
  ): Promise<Classifier> {
    const source = headProgram(kind, labels.length, checkpoint.config, variant);
    return new Classifier(device, await openProgram(device, source, entriesOf(checkpoint), options));
  }

  /** The head's logits, row by row: [label], [pos, label] or [pos, 2]. @param ids at least one, at most the context */
  async logits(ids: readonly number[]): Promise<readonly number[]> {
    const { executable, buffers } = this.#opened;
    const { program } = executable;
    const sizes = { pos: ids.length };
    const given: Readonly<Record<string, Int32Array>> = {
      ids: Int32Array.from(ids), last: Int32Array.of(ids.length - 1),
    };
    for (const [name, value] of Object.entries(program.inputs)) {
      writeValue(this.#device, buffers, name, value, sizes, given[name]);
    }
    this.#device.submit((commands) => commands.run(executable, sizes));
    return [...await readValue(this.#device, buffers, program.outputs['logits'], sizes)];
  }

  close(): void {
    this.#opened.executable.destroy();
    this.#opened.buffers.destroy();
  }
}
