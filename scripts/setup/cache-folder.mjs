import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The private folder where Ricci keeps what it prepared: the platform's own place for caches.
 * @param {NodeJS.ProcessEnv} env @param {NodeJS.Platform} [platform] @param {string} [home]
 */
export function cacheFolder(env, platform = process.platform, home = homedir()) {
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, 'ricci');
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'ricci', 'cache');
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'ricci');
  return join(home, '.cache', 'ricci');
}
