import type { Terminal } from '../io.ts';

/** Shows what is under way on one line of a terminal, and nothing elsewhere; an empty text clears it. */
export const status = (terminal: Terminal) => (text: string): void => {
  if (terminal.isTTY === true) terminal.write(`\r\x1b[K${text}`);
};
