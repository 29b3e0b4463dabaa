/** A text that a model has written while it was trained. */
export interface Sample {
  /** Updates made by then. */
  readonly step: number;
  readonly prompt: string;
  /** What it wrote after the prompt. */
  readonly text: string;
}

/** What stands for characters that would move the cursor. */
const visible = (text: string): string => text.replace(/(?!\n)\p{Cc}/gu, '?');

/** Lines that show a sample: its step, then prompt and text, indented. */
export function sampleLines({ step, prompt, text }: Sample): readonly string[] {
  return [`text after step ${step}:`, ...visible(prompt + text).trimEnd().split('\n').map((line) => `  ${line}`)];
}

/** A sample as Markdown, in which every line stands as it is. */
export const sampleMarkdown = ({ prompt, text }: Sample): string =>
  visible(prompt + text).split('\n').map((line) => `    ${line}`).join('\n');
