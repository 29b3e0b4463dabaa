/**
 * How many cores a text like Linux's `/proc/cpuinfo` tells of: threads that share a core share what multiplies, so a
 * second one on a core gains nothing. Undefined where the text does not say which threads share one.
 */
export function coresIn(cpuinfo: string): number | undefined {
  const threads = cpuinfo.split(/\n\s*\n/).filter((block) => /^processor\s*:/m.test(block));
  const cores = threads.map((block) => {
    const field = (name: string): string | undefined => new RegExp(`^${name}\\s*:\\s*(\\d+)`, 'm').exec(block)?.[1];
    const core = field('core id');
    return core === undefined ? undefined : `${field('physical id') ?? ''}/${core}`;
  });
  return cores.length === 0 || cores.includes(undefined) ? undefined : new Set(cores).size;
}

/**
 * Threads that compute where nobody says how many: the cores, as far as the machine tells, and at most as many as it
 * lets a process run at once. One in a browser, whose pages may lack shared memory.
 */
export async function machineThreads(): Promise<number> {
  if (typeof process === 'undefined') return 1;
  const [{ availableParallelism }, { readFile }] = await Promise.all([import('node:os'), import('node:fs/promises')]);
  const told = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  return Math.min(availableParallelism(), coresIn(told) ?? Infinity);
}
