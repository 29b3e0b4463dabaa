// jax-js on Dawn: what a browser gives it, it has here from the package `webgpu`, which is Ricci's own Dawn.
import { readFile } from 'node:fs/promises';
import { create, globals } from 'webgpu';

/** Loads jax-js with WebGPU as its device. @throws Error where it is not installed, or where there is no adapter */
export async function openJax() {
  Object.assign(globalThis, globals);
  // It looks here for WebGPU, and compiles otherwise where the user agent names a phone.
  const navigator = { gpu: create([]), userAgent: 'Node.js', hardwareConcurrency: 1 };
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  const jax = await import('@jax-js/jax');
  const devices = await jax.init('webgpu');
  if (!devices.includes('webgpu')) throw new Error('jax-js finds no WebGPU adapter');
  jax.defaultDevice('webgpu');
  return jax;
}

/** What computes. @param {typeof import('@jax-js/jax')} jax */
export async function describe(jax) {
  const manifest = new URL('node_modules/@jax-js/jax/package.json', import.meta.url);
  const { version } = JSON.parse(await readFile(manifest, 'utf8'));
  const { description } = jax.getWebGPUDevice().adapterInfo;
  return { about: `jax-js ${version}`, adapter: description };
}
