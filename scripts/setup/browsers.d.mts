import type { LaunchOptions } from 'playwright-core';

export interface Candidate {
  readonly name: string;
  readonly options: LaunchOptions;
}

export function candidates(env: NodeJS.ProcessEnv): readonly Candidate[];
