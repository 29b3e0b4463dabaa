/** What the process tells its caller. */
export const EXIT = { ok: 0, failure: 1, usage: 2, badInput: 3, device: 4, interrupted: 130 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_HELP = `
Exit codes:
  0    done
  1    failure (anything that is not named below)
  2    wrong usage: an option, or a value given to it, that cannot be used
  3    an input file is missing, damaged or does not fit the others
  4    no such device, the device was lost, or its memory does not suffice
  130  interrupted by Ctrl-C; what was generated is printed`;

/** Codes of RicciError that say more than their area does. */
const BY_CODE: Readonly<Record<string, ExitCode>> = {
  'cli/usage': EXIT.usage,
  'device/choice': EXIT.usage,
  'sampling/invalid-options': EXIT.usage,
  'pldr/prompt': EXIT.usage,
  'pldr/context': EXIT.usage,
  'pldr/max-new-tokens': EXIT.usage,
  'tokenizer/id-out-of-range': EXIT.usage,
  'tokenizer/special-missing': EXIT.usage,
  'train/config': EXIT.usage,
  'train/locked': EXIT.failure,
  'train/not-finite': EXIT.failure,
  'checkpoint/save-failed': EXIT.failure,
  'weights/write': EXIT.failure,
  'weights/write-failed': EXIT.failure,
  'runtime/read': EXIT.device,
  'runtime/needs': EXIT.device,
  'sampling/read-failed': EXIT.device,
  'sampling/allocation-failed': EXIT.device,
};

const BY_AREA: Readonly<Record<string, ExitCode>> = {
  config: EXIT.badInput,
  weights: EXIT.badInput,
  checkpoint: EXIT.badInput,
  tokenizer: EXIT.badInput,
  input: EXIT.badInput,
  variant: EXIT.badInput,
  train: EXIT.badInput,
  data: EXIT.badInput,
  device: EXIT.device,
};

/** The exit code for the code of a RicciError. */
export const exitCodeOf = (code: string): ExitCode => BY_CODE[code] ?? BY_AREA[code.split('/', 1)[0]] ?? EXIT.failure;
