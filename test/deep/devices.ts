import type { Device } from '../../runtime/device.ts';
import { setUpEngine } from '../../scripts/engine.mjs';
import { applyRememberedDriver } from '../../scripts/setup/environment.mjs';
import { openTestCpu, openTestDevice } from '../support/device.ts';

/** The kinds of devices that `--device` asks for. @throws Error for another word */
export function kindsNamed(word: string): readonly Device['kind'][] {
  switch (word) {
    case 'cpu': case 'webgpu': return [word];
    case 'all': return ['cpu', 'webgpu'];
    default: throw new Error(`--device is ${JSON.stringify(word)}, and should be cpu, webgpu or all`);
  }
}

/** Opens one device of a kind, in a process that was not set up for it yet. */
export function openForReplay(kind: Device['kind']): Promise<Device> {
  switch (kind) {
    case 'cpu':
      setUpEngine();
      return openTestCpu();
    case 'webgpu':
      applyRememberedDriver({ load: true });
      return openTestDevice();
  }
}
