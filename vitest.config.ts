import { defineConfig } from 'vitest/config';
import { applyRememberedDriver } from './scripts/setup/environment.mjs';

// Test workers are processes of their own and inherit this: they find the Vulkan driver that `npm run setup` prepared.
applyRememberedDriver({ load: false });

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'examples/**/*.test.ts'],
    // Two cores, and each GPU test file owns a Dawn instance: processes, not threads, so that one crash is one file.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
