import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digest } from '../../dsl/digest.ts';
import { showReplayFile, type Replay } from './replay-file.ts';

/** Writes a case into a folder, which is made where it is missing; a case that is found twice is one file. */
export function keep(replay: Replay, about: string, folder: string): string {
  const stem = replay.kind === 'graph' ? replay.device : replay.kind;
  const name = digest(showReplayFile({ about: '', replay })).slice(0, 10);
  const path = join(folder, `${stem}-${name}.json`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, showReplayFile({ about, replay }));
  return path;
}
