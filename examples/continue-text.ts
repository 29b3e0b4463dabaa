import { fileURLToPath } from 'node:url';
import { generate, PldrModel, Session, type Variant } from '../models/pldr/index.ts';
import { chooseDevice } from '../runtime/index.ts';

const CHECKPOINT = fileURLToPath(new URL('../checkpoints/pldr-v51-shakespeare', import.meta.url));

/** Loads the bundled checkpoint with another way of making G, and prints how it continues a text. */
export async function continueText(variant: Variant, prompt: string): Promise<void> {
  const device = await chooseDevice(); // a real GPU, else the CPU
  const model = await PldrModel.load(CHECKPOINT, device, { variant });
  const session = await Session.open(model);
  try {
    const { tokenizer } = model;
    if (tokenizer === undefined) throw new Error('the checkpoint has no tokenizer');
    const ids = tokenizer.encode(prompt);
    const text = tokenizer.stream();
    process.stdout.write(ids.map((id) => text.push(id)).join(''));
    for await (const {
      ids: [id],
    } of generate(session, { rows: [ids] }, { seed: 1, temperature: 0.8, topP: 0.9, maxNewTokens: 60 })) {
      process.stdout.write(text.push(id));
    }
    process.stdout.write(`${text.end()}\n`);
  } finally {
    session.close();
    model.close();
    device.close();
  }
}
