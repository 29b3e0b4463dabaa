/**
 * What a job of `scripts/start.mjs` wants before it begins: packages always; a Vulkan driver for the tests, which run
 * kernels in WGSL, and where it is asked for; a browser for the tests, which open pages. Whoever just uses Ricci has
 * the CPU, or a GPU with its own driver, and a browser of their own.
 *
 * @typedef {object} Steps
 * @property {() => void} ensurePackages
 * @property {(options: { again: boolean }) => void} ensureAdapter
 * @property {() => Promise<void>} ensureBrowser
 * @property {() => void} removeDownloads what the steps before fetched in common
 *
 * @param {string} job the first word of the command line
 * @param {NodeJS.ProcessEnv} env RICCI_NO_SETUP=1 leaves everything out
 * @param {Steps} steps
 */
export async function prepare(job, env, { ensurePackages, ensureAdapter, ensureBrowser, removeDownloads }) {
  if (env.RICCI_NO_SETUP === '1') return;
  ensurePackages();
  if (job !== '--test' && job !== '--setup') return;
  try {
    ensureAdapter({ again: job === '--setup' });
    if (job === '--test') await ensureBrowser();
  } finally {
    removeDownloads();
  }
}
