/**
 * The remembered answer to "which Vulkan driver works here": one small JSON file, so that only the first start probes.
 *
 * @typedef {object} Driver a driver in a private folder
 * @property {string} name `lavapipe` or `swiftshader`
 * @property {string} icd the manifest that the Vulkan loader reads
 * @property {string} folder where its libraries lie
 * @property {readonly string[]} libraries paths, dependencies before dependents
 *
 * @typedef {object} Machine what a verdict depends on
 * @property {string} node @property {string} webgpu
 * @property {string} platform system, release and processor: a home folder may be shared by several
 * @property {readonly string[]} systemDrivers manifests and device nodes of the system's own drivers
 *
 * @typedef {object} Verdict
 * @property {typeof FORMAT} format @property {number} probedAt milliseconds since 1970
 * @property {Machine} machine
 * @property {Driver | null} driver null: the system's own driver works and nothing needs to be set
 * @property {string} adapter its name
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { cacheFolder } from './cache-folder.mjs';
import { parseOsRelease } from './os-release.mjs';

export const FORMAT = 1;
const MAX_AGE_MS = 7 * 24 * 3600 * 1000;

const verdictFile = (env) => join(cacheFolder(env), 'adapter.json');

/** @param {NodeJS.ProcessEnv} env @returns {Verdict | undefined} undefined when there is none that can be read */
export function readVerdict(env) {
  try {
    const verdict = JSON.parse(readFileSync(verdictFile(env), 'utf8'));
    return verdict.format === FORMAT ? verdict : undefined;
  } catch {
    return undefined;
  }
}

/** Written aside and renamed, so that a second process never reads half of it. @param {Verdict} verdict */
export function writeVerdict(env, verdict) {
  const file = verdictFile(env);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.${process.pid}`, `${JSON.stringify(verdict, null, 2)}\n`);
  renameSync(`${file}.${process.pid}`, file);
}

/**
 * Whether a verdict may be trusted without probing again.
 * @param {Verdict} verdict @param {Machine} machine @param {number} now @param {(path: string) => boolean} [exists]
 */
export function verdictHolds(verdict, machine, now, exists = existsSync) {
  const age = now - verdict.probedAt;
  if (age < 0 || age > MAX_AGE_MS || !isDeepStrictEqual(verdict.machine, machine)) return false;
  return verdict.driver === null || [verdict.driver.icd, ...verdict.driver.libraries].every(exists);
}

/** @param {string} webgpu the version of the package @returns {Machine} */
export function thisMachine(webgpu) {
  const platform = `${process.platform}-${process.arch} ${distribution()}`;
  return { node: process.version, webgpu, platform, systemDrivers: systemDrivers() };
}

function distribution() {
  if (!existsSync('/etc/os-release')) return '';
  const { ID = '', VERSION_ID = '' } = parseOsRelease(readFileSync('/etc/os-release', 'utf8'));
  return `${ID} ${VERSION_ID}`.trim();
}

/** A driver or a card that came or went since the last probe shows here. @returns {readonly string[]} */
export function systemDrivers() {
  const manifests = ['/usr/share/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/etc/vulkan/icd.d'].flatMap(list);
  const nodes = list('/dev/dri').concat(list('/dev').filter((path) => /^\/dev\/(nvidia|dxg|kfd)/.test(path)));
  return [...manifests, ...nodes].sort();
}

function list(folder) {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
}
