import type { Browser } from 'playwright-core';

export function openBrowser(env: NodeJS.ProcessEnv): Promise<Browser>;
