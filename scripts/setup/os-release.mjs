/**
 * Which software Vulkan a Linux distribution can give: read from /etc/os-release.
 *
 * @typedef {object} Suite
 * @property {string} base the release's own name, e.g. `bookworm`
 * @property {string} suite where Mesa is taken from: `base`, or its backports where `base` has one too old for Dawn
 * @property {string} keyring the distribution's archive keys
 */

/** Debian releases whose own Mesa Dawn refuses, but whose backports have a newer one. */
const NEEDS_BACKPORTS = new Set(['bookworm']);

/** @param {string} text the content of an os-release file @returns {Readonly<Record<string, string>>} */
export function parseOsRelease(text) {
  const fields = [];
  for (const line of text.split('\n')) {
    const [, name, value] = /^\s*([A-Z0-9_]+)=(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) fields.push([name, value.replace(/^(["'])(.*)\1$/, '$2')]);
  }
  return Object.fromEntries(fields);
}

/**
 * The apt suite to take Mesa from; undefined where the machine is neither Debian nor Ubuntu nor made from them.
 * Derivatives name the release they were made from in UBUNTU_CODENAME or DEBIAN_CODENAME.
 * @param {Readonly<Record<string, string>>} release @returns {Suite | undefined}
 */
export function chooseSuite(release) {
  const family = [release.ID, ...(release.ID_LIKE ?? '').split(' ')];
  if (family.includes('ubuntu')) {
    const base = release.UBUNTU_CODENAME ?? release.VERSION_CODENAME;
    return base === undefined
      ? undefined
      : { base, suite: base, keyring: '/usr/share/keyrings/ubuntu-archive-keyring.gpg' };
  }
  const base = release.DEBIAN_CODENAME ?? (release.ID === 'debian' ? release.VERSION_CODENAME : undefined);
  if (!family.includes('debian') || base === undefined) return undefined;
  const suite = NEEDS_BACKPORTS.has(base) ? `${base}-backports` : base;
  return { base, suite, keyring: '/usr/share/keyrings/debian-archive-keyring.gpg' };
}

/**
 * The lines of a sources.list that holds the distribution's own archives, as this machine's apt names them, and the
 * suite where it is not among them. Empty when the machine names no archive of this release.
 * @param {Suite} wanted
 * @param {string} targets lines of `apt-get indextargets`: base address, release, component, separated by blanks
 * @param {boolean} keyringExists without the file apt falls back on the keys it trusts anyway
 * @returns {readonly string[]}
 */
export function sourceLines(wanted, targets, keyringExists) {
  const rows = targets.split('\n').map((line) => line.trim().split(/\s+/));
  const own = rows.filter(([, release, component]) => isOwn(wanted.base, release, component));
  const archive = own.find(([, release, component]) => release === wanted.base && component === 'main');
  if (archive === undefined) return [];
  if (!own.some(([, release]) => release === wanted.suite)) own.push([archive[0], wanted.suite, 'main']);
  const signed = keyringExists ? `[signed-by=${wanted.keyring}] ` : '';
  return [...new Set(own.map((row) => `deb ${signed}${row.join(' ')}`))];
}

/** Archives of other parties often carry the release's name too, but seldom its component names. */
const isOwn = (base, release, component) =>
  (release === base || ['updates', 'security', 'backports'].some((pocket) => release === `${base}-${pocket}`)) &&
  (component === 'main' || component === 'universe');
