export interface Steps {
  ensurePackages(): void;
  ensureAdapter(options: { readonly again: boolean }): void;
  ensureBrowser(): Promise<void>;
  removeDownloads(): void;
}

export function prepare(job: string, env: NodeJS.ProcessEnv, steps: Steps): Promise<void>;
