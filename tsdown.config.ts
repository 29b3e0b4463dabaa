import { existsSync } from 'node:fs';
import { defineConfig } from 'tsdown';
import { ricciScalars } from './dsl/scalar/build-plugin.ts';

/** What `exports` and `bin` in package.json lead to, and what setup and the build itself run. */
const ENTRIES = [
  'dsl/index',
  'dsl/scalar/build-plugin',
  'compiler/index',
  'runtime/index',
  'runtime/webgpu/diagnose',
  'models/pldr/index',
  'verify/index',
  'cli/main',
  'cli/shipped-programs',
];

/** The file that threads of the CPU device load by its address. */
const WORKER = 'runtime/cpu/worker';

export default defineConfig({
  // One entry per output path; a part that is not written yet is left out, so that the others still build.
  entry: {
    ...Object.fromEntries(ENTRIES.filter((name) => existsSync(`${name}.ts`)).map((name) => [name, `${name}.ts`])),
    [WORKER]: `${WORKER}.mjs`,
  },
  outDir: 'dist',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // One output file per source file: stack traces and lazy loading keep the shape of the source.
  unbundle: true,
  dts: true,
  sourcemap: true,
  clean: true,
  // Dependencies stay imports; package.json says which versions.
  deps: { skipNodeModulesBundle: true },
  // Scalar functions are translated here, so that the built package needs no TypeScript.
  plugins: [ricciScalars()],
});
