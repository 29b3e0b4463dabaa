import { readFile } from 'node:fs/promises';

/** Field of /proc/PID/stat, counted behind the process's name, that says when it started. */
const START_FIELD = 19;

/** Whether a process of this machine runs. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process may not be signalled, but it is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * When a process started, in ticks of the system since it booted: tells a process from a later one with the same
 * number. Undefined where the system does not say so (only Linux does, in /proc).
 */
export async function processStart(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The name stands in parentheses and may hold spaces, and parentheses too.
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[START_FIELD];
}
