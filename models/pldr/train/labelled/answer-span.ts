import { showJson } from '../../../../runtime/safetensors/json.ts';
import type { Span } from '../../heads/encode.ts';

/**
 * Where an answer stands in its context.
 * @param start at which character (as Python counts them: code points) it begins; undefined for the first place where it
 * is found
 * @param problems gets a clause where it does not stand there
 */
export function answerSpan(
  context: string, answer: string, start: unknown, problems: string[],
): Span | undefined {
  const problem = (text: string): undefined => void problems.push(text);
  if (answer.trim() === '') return problem('the answer is empty');
  if (start === undefined) {
    const from = context.indexOf(answer);
    return from < 0 ? problem(`the answer ${showJson(answer)} is not in the context`) : spanAt(from, answer);
  }
  if (typeof start !== 'number' || !Number.isSafeInteger(start) || start < 0) {
    return problem(`"start" is ${showJson(start)}, where a number of characters should be`);
  }
  const from = [...context].slice(0, start).join('').length;
  if (context.startsWith(answer, from)) return spanAt(from, answer);
  const there = context.slice(from, from + answer.length);
  return problem(context.includes(answer)
    ? `the answer ${showJson(answer)} is not at character ${start} of the context, where ${showJson(there)} stands`
    : `the answer ${showJson(answer)} is not in the context`);
}

/** White space around an answer is no part of it: no token stands for it. */
function spanAt(from: number, answer: string): Span {
  const before = answer.length - answer.trimStart().length;
  return { from: from + before, to: from + before + answer.trim().length };
}
