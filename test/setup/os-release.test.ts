import { describe, expect, it } from 'vitest';
import { chooseSuite, parseOsRelease, sourceLines } from '../../scripts/setup/os-release.mjs';

const suiteOf = (text: string): string | undefined => chooseSuite(parseOsRelease(text))?.suite;

describe('parseOsRelease', () => {
  it('reads quoted, unquoted and empty values and skips the rest', () => {
    const text = '# a comment\nID=debian\nVERSION_CODENAME="bookworm"\nNAME=\'Debian GNU/Linux\'\nEMPTY=\n\nnonsense\n';
    expect(parseOsRelease(text)).toEqual({
      ID: 'debian',
      VERSION_CODENAME: 'bookworm',
      NAME: 'Debian GNU/Linux',
      EMPTY: '',
    });
  });
});

describe('chooseSuite', () => {
  it.each([
    ['Debian 12 takes Mesa from its backports', 'ID=debian\nVERSION_CODENAME=bookworm', 'bookworm-backports'],
    ['Debian 13 has it itself', 'ID=debian\nVERSION_CODENAME=trixie', 'trixie'],
    ['Ubuntu 24.04 has it itself', 'ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble\nUBUNTU_CODENAME=noble', 'noble'],
    [
      'what is made from Ubuntu uses its archive',
      'ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_CODENAME=wilma\nUBUNTU_CODENAME=noble',
      'noble',
    ],
    [
      'what is made from Debian uses its archive',
      'ID=lmde\nID_LIKE=debian\nVERSION_CODENAME=faye\nDEBIAN_CODENAME=bookworm',
      'bookworm-backports',
    ],
    [
      'a derivative that does not say from which release has none',
      'ID=kali\nID_LIKE=debian\nVERSION_CODENAME=kali-rolling',
      undefined,
    ],
    ['others have none', 'ID=fedora\nVERSION_ID=42', undefined],
    ['an absent file has none', '', undefined],
  ])('%s', (_, text, suite) => {
    expect(suiteOf(text)).toBe(suite);
  });

  it("uses each family's own keys", () => {
    expect(chooseSuite({ ID: 'debian', VERSION_CODENAME: 'trixie' })?.keyring).toContain('debian');
    expect(chooseSuite({ ID: 'ubuntu', VERSION_CODENAME: 'noble' })?.keyring).toContain('ubuntu');
  });
});

describe('sourceLines', () => {
  const bookworm = { base: 'bookworm', suite: 'bookworm-backports', keyring: '/k.gpg' };

  it('adds the backports on the mirror of the release', () => {
    const targets = 'http://mirror.example/debian bookworm main\nhttp://mirror.example/debian bookworm-updates main\n';
    expect(sourceLines(bookworm, targets, true)).toEqual([
      'deb [signed-by=/k.gpg] http://mirror.example/debian bookworm main',
      'deb [signed-by=/k.gpg] http://mirror.example/debian bookworm-updates main',
      'deb [signed-by=/k.gpg] http://mirror.example/debian bookworm-backports main',
    ]);
  });

  it('adds nothing that the machine has already, and leaves out archives of other parties', () => {
    const targets = [
      'http://a.example/d bookworm main',
      'http://a.example/d bookworm-backports main',
      'http://b.example/x nodistro main',
      'http://c.example/d bookworm stable',
    ].join('\n');
    expect(sourceLines(bookworm, targets, false)).toEqual([
      'deb http://a.example/d bookworm main',
      'deb http://a.example/d bookworm-backports main',
    ]);
  });

  it('is empty when no archive of the release is named', () => {
    expect(sourceLines(bookworm, 'http://a.example/d trixie main', true)).toEqual([]);
    expect(sourceLines(bookworm, '', true)).toEqual([]);
  });
});
