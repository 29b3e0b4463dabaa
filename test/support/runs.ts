/** How many random cases a property runs: a number for everyday use, multiplied by RICCI_RUNS for a longer search. */
export function runs(usual: number): { readonly numRuns: number } {
  const factor = Number(process.env['RICCI_RUNS'] ?? 1);
  return { numRuns: Math.max(1, Math.round(usual * factor)) };
}
