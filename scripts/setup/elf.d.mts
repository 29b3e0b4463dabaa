export interface Library {
  readonly name: string;
  readonly path: string;
}

export function neededLibraries(bytes: Uint8Array): readonly string[];
export function dependencyOrder(
  names: readonly string[],
  find: (name: string) => string | undefined,
  needs?: (path: string) => readonly string[],
): readonly Library[];
