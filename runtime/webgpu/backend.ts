import { browserGpu } from './instance.ts';

/** The backend that Dawn takes when none is named. */
export function defaultBackend(): string {
  if (browserGpu() !== undefined) return 'browser';
  if (process.platform === 'darwin') return 'metal';
  return process.platform === 'win32' ? 'd3d12' : 'vulkan';
}
