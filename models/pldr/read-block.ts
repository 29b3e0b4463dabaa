import { RicciError } from '../../dsl/errors.ts';
import { shapeOf } from '../../runtime/sizes.ts';
import { readValue, writeValue } from '../../runtime/transfer.ts';
import { hostTensor, type HostTensor } from './host-tensor.ts';
import { programKey } from './model.ts';
import { blockProgram } from './programs.ts';
import type { Session } from './session.ts';

/** Most tokens of a row that are read at once. */
export const BLOCK_TOKENS = 64;

/**
 * Reads more tokens of each row at once, after a prompt, as steps would one by one: what is kept stays as it was made,
 * and grows by so many rows. Steps of `generate` may not come between, for their sampler counts tokens by itself.
 * @param tokens for each row the same number of them, 1 to `BLOCK_TOKENS`
 * @returns logits after each token [batch, tokens, vocab]
 * @throws `pldr/block` for tokens that cannot be read, and for a session that keeps no keys and values
 */
export async function readBlock(session: Session, tokens: readonly (readonly number[])[]): Promise<HostTensor> {
  const { model, mode, batch, layout, length } = session;
  const { device, config } = model;
  const count = tokens[0]?.length ?? 0;
  if (mode === 'none' || mode === 'g') throw refused(`The session keeps ${mode === 'g' ? 'G alone' : 'nothing'}.`);
  if (tokens.length !== batch || tokens.some((row) => row.length !== count)) throw refused('Rows differ in length.');
  if (count < 1 || count > BLOCK_TOKENS) throw refused(`A block has 1 to ${BLOCK_TOKENS} tokens, and ${count} were given.`);
  if (length + count > config.contextLength) throw refused(`${length + count} tokens exceed the model's context.`);
  const program = await model.program(programKey(`block${BLOCK_TOKENS}`, mode, batch, session.operator), () =>
    blockProgram(model.graph(batch, session.operator), mode, BLOCK_TOKENS));
  const buffers = session.buffers.share('weights:', 'state:', 'input:visible', 'input:G');
  const block = await device.open(program, buffers);
  try {
    const since = length - layout.length;
    const every = (from: (row: number, at: number) => number): number[] =>
      tokens.flatMap((row, r) => row.map((_, at) => from(r, at)));
    const sizes = { new: count, key: length + count, batch };
    const inputs: Readonly<Record<string, Int32Array | Float32Array>> = {
      ids: Int32Array.from(tokens.flat()),
      position: Int32Array.from(every((r, at) => layout.nextPosition[r] + since + at)),
      slot: Int32Array.from(layout.nextSlot, (s) => s + since),
      present: Float32Array.from(every(() => 1)),
      attends: Float32Array.from(every(() => 1)),
    };
    for (const [name, value] of Object.entries(program.inputs)) {
      if (inputs[name] !== undefined) writeValue(device, buffers, name, value, sizes, inputs[name]);
    }
    device.submit((commands) => commands.run(block, sizes));
    session.advance(count);
    const { logits } = program.outputs;
    const data = await readValue(device, buffers, logits, sizes);
    return hostTensor(logits.axes.map((a) => a.name), shapeOf(logits, sizes), Float32Array.from(data));
  } finally {
    block.destroy();
    buffers.destroy();
  }
}

const refused = (sentence: string): RicciError => new RicciError({
  code: 'pldr/block', message: `The block cannot be read. ${sentence}`,
  hint: 'Read as many tokens of each row, in a session that keeps keys and values, within the context.',
});
