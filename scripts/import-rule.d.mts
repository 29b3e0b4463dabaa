export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly imported: string;
  readonly rule: string;
}

export function importViolations(files: readonly SourceFile[]): readonly Violation[];
