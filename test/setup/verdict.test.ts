import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { applyRememberedDriver, driverIsChosen, driverVariables } from '../../scripts/setup/environment.mjs';
import {
  FORMAT,
  type Machine,
  readVerdict,
  systemDrivers,
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

describe('applyRememberedDriver', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ricci-driver-'));
  const icd = join(folder, 'icd.json');
  beforeEach(() => {
    for (const name of ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES']) vi.stubEnv(name, undefined);
    vi.stubEnv('XDG_CACHE_HOME', folder);
    writeFileSync(icd, '{}');
  });
  afterEach(() => vi.unstubAllEnvs());
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What the loader is told after a verdict was remembered on a machine with these drivers. */
  function manifestAfter(drivers: readonly string[], changes: Partial<typeof driver> = {}): string | undefined {
    const own = { ...driver, icd, ...changes };
    writeVerdict(process.env, { ...verdict, machine: { ...machine, systemDrivers: drivers }, driver: own });
    applyRememberedDriver({ load: false });
    return process.env['VK_DRIVER_FILES'];
  }

  it('points the loader at the driver', () => {
    expect(manifestAfter(systemDrivers())).toBe(process.platform === 'linux' ? icd : undefined);
  });

  it("hides no driver of the machine's own that came since", () => {
    expect(manifestAfter(['/dev/dri/card that is not here'])).toBeUndefined();
  });

  it('leaves out a driver that is gone', () => {
    expect(manifestAfter(systemDrivers(), { icd: '/nowhere' })).toBeUndefined();
  });
});
