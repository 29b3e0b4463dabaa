import { progressLine, progressLines, type TrainingView } from '../../models/pldr/train/log/progress-view.ts';
import { sampleLines } from '../../models/pldr/train/log/sample.ts';
import type { TrainingEnd, TrainingEvent } from '../../models/pldr/train/run/run.ts';
import type { Io } from '../io.ts';
import { labelledLine } from './labelled-line.ts';
import { showMemory } from './show-memory.ts';

/** Where a terminal does not say how wide it is. */
const USUAL_WIDTH = 80;

/** Shows a training on stderr: lines that stay in their place on a terminal, and a line for each row elsewhere. */
export class LiveView {
  readonly #io: Io;
  #view: TrainingView;
  #roof: number | undefined;
  /** Lines that stand on the terminal and are written over. */
  #shown = 0;

  constructor(io: Io, steps: number) {
    this.#io = io;
    this.#view = {
      step: 0, steps, loss: undefined, accuracy: undefined, learningRate: undefined, validation: undefined,
      best: undefined, tokensPerSecond: undefined, partOfRoof: undefined, secondsPerStep: undefined, saved: undefined,
    };
  }

  /** @param roof operations that the device does in a second at best; undefined where nobody knows */
  setRoof(roof: number | undefined): void {
    this.#roof = roof;
  }

  tell(event: TrainingEvent): void {
    switch (event.kind) {
      case 'tokenising': return;
      case 'labelled':
        this.#line(labelledLine(event));
        return;
      case 'planned':
        this.#line(showMemory(event.memory));
        return;
      case 'begun':
        this.#view = { ...this.#view, step: event.step };
        this.#line(`${event.tokens} tokens in ${event.documents} documents${
          event.step === 0 ? '' : `; going on after step ${event.step}`}`);
        return;
      case 'trained': {
        const { kind: _kind, flopsPerSecond, ...known } = event;
        const partOfRoof = this.#roof === undefined ? undefined : flopsPerSecond / this.#roof;
        this.#view = { ...this.#view, ...known, partOfRoof };
        this.#draw(progressLine(this.#view));
        return;
      }
      case 'validated': {
        const { step, loss, accuracy } = event;
        const { best } = this.#view;
        const isBest = best === undefined || loss < best.loss;
        this.#view = { ...this.#view, validation: { loss, step }, best: isBest ? { loss, step } : best };
        this.#draw(`step ${step}/${this.#view.steps} · validation ${loss.toFixed(4)}, accuracy ${
          (100 * accuracy).toFixed(1)} %${isBest ? ', the best so far' : ''}`);
        return;
      }
      case 'sampled':
        this.#above(sampleLines(event.sample));
        return;
      case 'saved':
        this.#view = { ...this.#view, saved: { path: event.path, step: event.step } };
        this.#draw(undefined);
    }
  }

  /** Says where it ended. */
  end({ step, checkpoint }: TrainingEnd): void {
    this.close();
    this.#line(checkpoint === undefined ? `no update was made` : `step ${step} is in ${checkpoint}`);
  }

  /** Leaves what was drawn last as it stands. */
  close(): void {
    this.#shown = 0;
  }

  #draw(plain: string | undefined): void {
    const { stderr } = this.#io;
    if (stderr.isTTY !== true) {
      if (plain !== undefined) this.#line(plain);
      return;
    }
    const lines = progressLines(this.#view, (stderr.columns ?? USUAL_WIDTH) - 1);
    const back = this.#shown === 0 ? '' : `\u001b[${this.#shown}A`;
    stderr.write(`${back}${lines.map((line) => `\u001b[2K${line}\n`).join('')}`);
    this.#shown = lines.length;
  }

  /** Lines that stay: where the view stands now, and the view below them. */
  #above(lines: readonly string[]): void {
    const isDrawn = this.#shown > 0;
    if (isDrawn) this.#io.stderr.write(`\u001b[${this.#shown}A\u001b[J`);
    this.#shown = 0;
    for (const line of lines) this.#line(line);
    if (isDrawn) this.#draw(undefined);
  }

  #line(text: string): void {
    this.#io.stderr.write(`${text}\n`);
  }
}
