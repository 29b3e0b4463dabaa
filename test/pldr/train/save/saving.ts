// A process that saves one checkpoint after the other until it is killed, or the disk refuses.
import { keepLast } from '../../../../models/pldr/train/save/prune-checkpoints.ts';
import { saveCheckpoint } from '../../../../models/pldr/train/save/save-checkpoint.ts';
import { contentsAt, TINY } from './contents.ts';

const [folder = '.', from = '1', vocabulary = '40'] = process.argv.slice(2);
const model = { ...TINY, vocabSize: Number(vocabulary) };
for (let step = Number(from); ; step++) {
  await saveCheckpoint(folder, contentsAt(step, model));
  await keepLast(folder, 2);
  process.stdout.write(`${step}\n`);
}
