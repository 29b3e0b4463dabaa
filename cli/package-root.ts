import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isJsonObject } from '../runtime/safetensors/json.ts';

export interface PackageRoot {
  readonly folder: string;
  readonly version: string;
}

/** Finds Ricci's own package.json above this file: the source lies one folder below it, the built module two. */
export function packageRoot(): PackageRoot {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let up = 0; up < 4; up++) {
    const version = versionIn(folder);
    if (version !== undefined) return { folder, version };
    folder = dirname(folder);
  }
  throw new Error('package-root: no package.json of ricci above this module');
}

function versionIn(folder: string): string | undefined {
  try {
    const json: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return isJsonObject(json) && json['name'] === 'ricci' && typeof json['version'] === 'string'
      ? json['version']
      : undefined;
  } catch {
    return undefined; // no such file here: look one folder further up
  }
}

/** The checkpoint that comes with the package. */
export const bundledModel = (): string => join(packageRoot().folder, 'checkpoints', 'ricci-shakespeare');
