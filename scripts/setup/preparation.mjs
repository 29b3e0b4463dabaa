/**
 * What a job of `scripts/start.mjs` wants before it begins: packages always; a Vulkan driver for the tests, which run
 * kernels in WGSL, and where it is asked for. Whoever just uses Ricci has the CPU, or a GPU with its own driver.
 *
 * @typedef {object} Steps
 * @property {() => void} ensurePackages
 * @property {(options: { again: boolean }) => void} ensureAdapter
 *
 * @param {string} job the first word of the command line
 * @param {NodeJS.ProcessEnv} env RICCI_NO_SETUP=1 leaves everything out
 * @param {Steps} steps
 */
export function prepare(job, env, { ensurePackages, ensureAdapter }) {
  if (env.RICCI_NO_SETUP === '1') return;
  ensurePackages();
  if (job === '--test' || job === '--setup') ensureAdapter({ again: job === '--setup' });
}
