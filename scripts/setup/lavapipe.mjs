/**
 * Mesa's software Vulkan driver (lavapipe) out of the distribution's own packages, without root: apt is given a state
 * of its own, a copy of the list of installed packages, and told only to download. So its solver finds what this very
 * machine lacks, its signatures are checked, and nothing outside the scratch folder changes.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareDriver } from './driver-folder.mjs';
import { chooseSuite, parseOsRelease, sourceLines } from './os-release.mjs';
import { run } from './run.mjs';

/** Slow mirrors need minutes; a dead one must not hold a start for ever. */
const APT_TIMEOUT_MS = 10 * 60_000;

/**
 * @param {string} parent where driver folders lie @returns {import('./verdict.mjs').Driver}
 * @throws Error saying why this machine cannot have it
 */
export function prepareLavapipe(parent) {
  return prepareDriver(parent, 'lavapipe', 'libvulkan_lvp.so', fetchLavapipe);
}

function fetchLavapipe(scratch) {
  const suite = chooseSuite(
    parseOsRelease(existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : ''),
  );
  if (suite === undefined) throw new Error('this is neither Debian nor Ubuntu');
  const apt = privateApt(scratch, suite);
  apt(['update']);
  apt([
    'install',
    '--yes',
    '--download-only',
    '--no-install-recommends',
    '-t',
    suite.suite,
    'mesa-vulkan-drivers',
    'libvulkan1',
  ]);
  const archives = join(scratch, 'cache', 'archives');
  const packages = readdirSync(archives).filter((file) => file.endsWith('.deb'));
  const unpacked = join(scratch, 'unpacked');
  for (const file of packages) run('dpkg-deb', ['-x', join(archives, file), unpacked]);
  if (packages.length === 0) throw new Error('Mesa is installed already, and does not work');
  return unpacked;
}

/**
 * @param {string} scratch @param {import('./os-release.mjs').Suite} suite
 * @returns {(args: readonly string[]) => string} runs one apt-get command
 */
function privateApt(scratch, suite) {
  const targets = run('apt-get', [
    'indextargets',
    '--format',
    '$(REPO_URI) $(RELEASE) $(COMPONENT)',
    'Identifier: Packages',
  ]);
  const sources = sourceLines(suite, targets, existsSync(suite.keyring));
  if (sources.length === 0) throw new Error(`apt on this machine names no archive of ${suite.base}`);
  for (const folder of ['lists/partial', 'cache/archives/partial', 'sources', 'preferences'])
    mkdirSync(join(scratch, folder), { recursive: true });
  writeFileSync(join(scratch, 'sources.list'), `${sources.join('\n')}\n`);
  writeFileSync(join(scratch, 'none'), '');
  copyFileSync('/var/lib/dpkg/status', join(scratch, 'status'));
  const options = Object.entries({
    'Dir::Etc::sourcelist': join(scratch, 'sources.list'),
    'Dir::Etc::sourceparts': join(scratch, 'sources'),
    'Dir::Etc::preferences': join(scratch, 'none'),
    'Dir::Etc::preferencesparts': join(scratch, 'preferences'),
    'Dir::State::lists': join(scratch, 'lists'),
    'Dir::State::status': join(scratch, 'status'),
    'Dir::State::extended_states': join(scratch, 'none'),
    'Dir::Cache': join(scratch, 'cache'),
    'APT::Sandbox::User': '', // its own user could not write into a private folder
    'Debug::NoLocking': 'true',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '2',
  }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  return (args) => run('apt-get', ['-q', ...options, ...args], { env, timeout: APT_TIMEOUT_MS });
}
