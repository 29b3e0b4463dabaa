import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes a folder whole or not at all: it is filled aside and renamed, so that no other process sees half of it.
 * @param {string} parent @param {string} name @param {string} last a file of it, without which the folder is a leftover
 * @param {(whole: string, scratch: string) => void} fill makes the folder `whole`; what lies in `scratch` goes
 * @throws Error what `fill` throws
 */
export function makeWhole(parent, name, last, fill) {
  mkdirSync(parent, { recursive: true });
  const scratch = mkdtempSync(join(parent, `.${name}-`));
  try {
    const whole = join(scratch, name);
    fill(whole, scratch);
    moveInto(whole, join(parent, name), last);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Another process may have made the same folder meanwhile: what is there is as good, but leftovers are replaced. */
function moveInto(whole, target, last) {
  if (existsSync(join(target, last))) return;
  rmSync(target, { recursive: true, force: true });
  try {
    renameSync(whole, target);
  } catch (thrown) {
    if (!existsSync(join(target, last))) throw thrown;
  }
}
