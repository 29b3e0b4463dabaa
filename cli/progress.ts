import { SingleBar } from 'cli-progress';
import type { Terminal } from './io.ts';

/** A bar that is drawn on a terminal, and nothing elsewhere. */
export interface Progress {
  update(doneBytes: number, totalBytes: number): void;
  stop(): void;
}

const MIB = 1048576;

export function progressBar(terminal: Terminal, label: string): Progress {
  if (terminal.isTTY !== true) return { update: () => undefined, stop: () => undefined };
  const bar = new SingleBar({
    stream: terminal,
    format: `${label} {bar} {value}/{total} MiB`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    clearOnComplete: true,
  });
  let started = false;
  return {
    update(done, total) {
      if (!started) bar.start(Math.ceil(total / MIB), 0);
      started = true;
      bar.update(Math.ceil(done / MIB));
    },
    stop: () => bar.stop(),
  };
}
