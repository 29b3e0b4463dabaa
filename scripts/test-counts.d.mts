export interface FileResult {
  readonly status: string;
  readonly assertionResults: readonly { readonly status: string }[];
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

export function countTests(report: { readonly testResults: readonly FileResult[] }, exitCode: number): Counts;
export function showCounts(counts: Counts): string;
