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
  'models/pldr/train/index',
  'verify/index',
  'cli/main',
  'cli/shipped-programs',
];

/** Files that are loaded by their address: by threads of the CPU device, and by Node for modules of the user's. */
const BY_ADDRESS = ['runtime/cpu/worker', 'cli/variant/hooks'];

export default defineConfig({
  // One entry per output path; a part that is not written yet is left out, so that the others still build.
  entry: {
    ...Object.fromEntries(ENTRIES.filter((name) => existsSync(`${name}.ts`)).map((name) => [name, `${name}.ts`])),
    ...Object.fromEntries(BY_ADDRESS.map((name) => [name, `${name}.mjs`])),
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
