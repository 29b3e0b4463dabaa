import { RicciError } from '../../dsl/index.ts';

/**
 * How many tokens to add to a prompt of `length` tokens: `wanted`, or as many as the context holds beside the prompt.
 * @throws `pldr/max-new-tokens` unless `wanted` is a whole number above 0; `pldr/context` when they do not fit
 */
export function newTokens(length: number, context: number, wanted?: number): number {
  const room = Math.max(0, context - length);
  if (wanted === undefined) return room;
  if (!Number.isInteger(wanted) || wanted < 1) {
    throw new RicciError({
      code: 'pldr/max-new-tokens',
      message: `${wanted} new tokens cannot be generated.`,
      hint: 'Ask for at least one.',
    });
  }
  if (wanted <= room) return wanted;
  const asked = `${wanted} more ${wanted === 1 ? 'is' : 'are'} asked for`;
  throw new RicciError({
    code: 'pldr/context',
    message: `The prompt has ${length} tokens and ${asked}, and the model's context is ${context}.`,
    hint: room > 0 ? `Ask for at most ${room} new tokens, or shorten the prompt.` : 'Shorten the prompt.',
  });
}
