export interface Steps {
  ensurePackages(): void;
  ensureAdapter(options: { readonly again: boolean }): void;
}

export function prepare(job: string, env: NodeJS.ProcessEnv, steps: Steps): void;
