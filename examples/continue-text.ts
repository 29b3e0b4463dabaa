/*
 * From a program: loads the bundled checkpoint with another way of making G, and prints how it continues a text.
 *
 *   npm run example examples/continue-text.ts
 */
import { fileURLToPath } from 'node:url';
import { generate, PldrModel, Session } from 'ricci/pldr';
import { chooseDevice } from 'ricci/runtime';
import fromKeys from './key-operator.ts';

const CHECKPOINT = fileURLToPath(new URL('../checkpoints/ricci-shakespeare', import.meta.url));

const device = await chooseDevice(); // a real GPU, else the CPU
const model = await PldrModel.load(CHECKPOINT, device, { variant: fromKeys });
const session = await Session.open(model);
try {
  const { tokenizer } = model;
  if (tokenizer === undefined) throw new Error('the checkpoint has no tokenizer');
  const ids = tokenizer.encode('ROMEO:');
  const text = tokenizer.stream();
  process.stdout.write(ids.map((id) => text.push(id)).join(''));
  for await (const step of generate(session, { rows: [ids] }, { seed: 1, temperature: 0.8, topP: 0.9, maxNewTokens: 60 })) {
    process.stdout.write(text.push(step.ids[0]));
  }
  process.stdout.write(`${text.end()}\n`);
} finally {
  session.close();
  model.close();
  device.close();
}
