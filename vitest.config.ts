import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import tsconfig from './tsconfig.json' with { type: 'json' };
import { applyRememberedDriver } from './scripts/setup/environment.mjs';

// Test workers are processes of their own and inherit this: they find the Vulkan driver that `npm run setup` prepared.
applyRememberedDriver({ load: false });

const { compilerOptions: { paths } } = tsconfig;

export default defineConfig({
  // What a user's file calls by the package's name is the source here, as everything else.
  resolve: {
    alias: Object.fromEntries(Object.entries(paths).map(([name, [file]]) =>
      [name, fileURLToPath(new URL(file, import.meta.url))])),
  },
  test: {
    include: ['test/**/*.test.ts', 'examples/**/*.test.ts'],
    // Two cores, and each GPU test file owns a Dawn instance: processes, not threads, so that one crash is one file.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
