import { describe, expect, it } from 'vitest';
import { packagesAreCurrent } from '../../scripts/setup/packages.mjs';

const lock = { lockedAt: 1000, lockHash: 'new' };

describe('packagesAreCurrent', () => {
  it.each([
    ['never installed', { ...lock, installedAt: undefined, stamp: undefined }, false],
    ['interrupted, although an older stamp fits', { ...lock, installedAt: undefined, stamp: 'new' }, false],
    ['installed by the user after the lock changed', { ...lock, installedAt: 2000, stamp: undefined }, true],
    ['the lock changed after the installation', { ...lock, installedAt: 500, stamp: 'old' }, false],
    ['the lock was touched, not changed', { ...lock, installedAt: 500, stamp: 'new' }, true],
    ['the user installed a changed lock himself', { ...lock, installedAt: 2000, stamp: 'old' }, true],
    [
      'there is no lock to compare with',
      { lockedAt: undefined, lockHash: undefined, installedAt: 1, stamp: undefined },
      true,
    ],
  ])('%s', (_, facts, current) => {
    expect(packagesAreCurrent(facts)).toBe(current);
  });
});
