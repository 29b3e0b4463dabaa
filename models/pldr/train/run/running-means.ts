import type { Measured } from '../trainer.ts';

/** Mean loss and accuracy over batches, each weighed by its targets. */
export interface Means {
  readonly crossEntropy: number;
  readonly accuracy: number;
  readonly targets: number;
}

export class RunningMeans {
  #crossEntropy = 0;
  #accuracy = 0;
  #targets = 0;

  add({ crossEntropy, accuracy, count }: Measured): void {
    this.#crossEntropy += crossEntropy * count;
    this.#accuracy += accuracy * count;
    this.#targets += count;
  }

  /** The means since the last call; they begin anew. */
  take(): Means {
    const targets = this.#targets;
    const means = { crossEntropy: this.#crossEntropy / targets, accuracy: this.#accuracy / targets, targets };
    [this.#crossEntropy, this.#accuracy, this.#targets] = [0, 0, 0];
    return means;
  }
}
