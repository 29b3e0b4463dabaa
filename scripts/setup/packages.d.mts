export interface PackageFacts {
  readonly installedAt: number | undefined;
  readonly lockedAt: number | undefined;
  readonly lockHash: string | undefined;
  readonly stamp: string | undefined;
}

export function packagesAreCurrent(facts: PackageFacts): boolean;
