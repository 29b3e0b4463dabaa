/**
 * SwiftShader, Google's software Vulkan driver, as the npm package of a headless Chromium carries it: slower than
 * lavapipe and without f16, but it needs neither apt nor root. Linux on x64 only.
 */
import { join } from 'node:path';
import { unpackPart } from './chromium-package.mjs';
import { prepareDriver } from './driver-folder.mjs';

/**
 * @param {string} parent where driver folders lie @returns {import('./verdict.mjs').Driver}
 * @throws Error saying why this machine cannot have it
 */
export function prepareSwiftShader(parent) {
  return prepareDriver(parent, 'swiftshader', 'libvk_swiftshader.so', (scratch) => {
    const unpacked = join(scratch, 'unpacked');
    unpackPart('swiftshader.tar.br', unpacked);
    return unpacked;
  });
}
