import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { driverIsChosen, driverVariables } from '../../scripts/setup/environment.mjs';
import {
  FORMAT,
  type Machine,
  readVerdict,
  type Verdict,
  verdictHolds,
  writeVerdict,
} from '../../scripts/setup/verdict.mjs';

const DAY = 24 * 3600 * 1000;
const machine: Machine = {
  node: 'v20.20.0',
  webgpu: '0.6.2',
  platform: 'linux-x64 debian 12',
  systemDrivers: ['/dev/dri/card0'],
};
const driver = {
  name: 'lavapipe',
  icd: '/c/icd.json',
  folder: '/c',
  libraries: ['/c/libdrm.so.2', '/c/libvulkan_lvp.so'],
};
const verdict: Verdict = { format: FORMAT, probedAt: 100 * DAY, machine, driver, adapter: 'llvmpipe' };
const holds = (changes: Partial<Machine>, days: number, missing = ''): boolean =>
  verdictHolds(verdict, { ...machine, ...changes }, (100 + days) * DAY, (path) => path !== missing);

describe('verdictHolds', () => {
  it('holds on the same machine for a week', () => {
    expect(holds({}, 0)).toBe(true);
    expect(holds({}, 6)).toBe(true);
    expect(holds({}, 8)).toBe(false);
  });

  it('does not hold when it comes from the future', () => {
    expect(holds({}, -1)).toBe(false);
  });

  it.each([{ node: 'v22.0.0' }, { webgpu: '0.7.0' }, { platform: 'linux-x64 debian 13' }, { systemDrivers: [] }])(
    'does not hold after a change of %o',
    (change) => {
      expect(holds(change, 0)).toBe(false);
    },
  );

  it.each([driver.icd, ...driver.libraries])('does not hold when %s is gone', (path) => {
    expect(holds({}, 0, path)).toBe(false);
  });

  it("looks for no file when it is the system's own driver", () => {
    expect(verdictHolds({ ...verdict, driver: null }, machine, 100 * DAY, () => false)).toBe(true);
  });
});

describe('the remembered verdict', () => {
  let env: NodeJS.ProcessEnv;
  beforeEach(() => {
    env = { XDG_CACHE_HOME: mkdtempSync(join(tmpdir(), 'ricci-verdict-')) };
  });
  afterEach(() => rmSync(env.XDG_CACHE_HOME ?? '', { recursive: true }));

  it('is read as it was written', () => {
    expect(readVerdict(env)).toBeUndefined();
    writeVerdict(env, verdict);
    expect(readVerdict(env)).toEqual(verdict);
  });

  it('is none when the file is damaged or of another format', () => {
    writeVerdict(env, verdict);
    const file = join(env.XDG_CACHE_HOME ?? '', 'ricci', 'adapter.json');
    writeFileSync(file, JSON.stringify({ ...verdict, format: 0 }));
    expect(readVerdict(env)).toBeUndefined();
    writeFileSync(file, '{"format"');
    expect(readVerdict(env)).toBeUndefined();
  });
});

describe('driverVariables', () => {
  it("sets nothing for the system's own driver but a runtime folder when there is none", () => {
    expect(driverVariables(null, { XDG_RUNTIME_DIR: '/run/user/1' })).toEqual({});
    expect(driverVariables(null, {}, '/tmp')).toEqual({ XDG_RUNTIME_DIR: '/tmp' });
  });

  it('names the manifest for both generations of loaders and keeps the library path', () => {
    const set = driverVariables(driver, { XDG_RUNTIME_DIR: '/run', LD_LIBRARY_PATH: '/mine' });
    expect(set).toEqual({
      VK_DRIVER_FILES: '/c/icd.json',
      VK_ICD_FILENAMES: '/c/icd.json',
      LD_LIBRARY_PATH: '/c:/mine',
    });
  });

  it('leaves a driver alone that the user chose', () => {
    expect(driverIsChosen({})).toBe(false);
    expect(driverIsChosen({ VK_DRIVER_FILES: '/mine.json' })).toBe(true);
    expect(driverIsChosen({ VK_ICD_FILENAMES: '/mine.json' })).toBe(true);
  });
});
