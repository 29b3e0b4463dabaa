export interface Suite {
  readonly base: string;
  readonly suite: string;
  readonly keyring: string;
}

export function parseOsRelease(text: string): Readonly<Record<string, string>>;
export function chooseSuite(release: Readonly<Record<string, string>>): Suite | undefined;
export function sourceLines(wanted: Suite, targets: string, keyringExists: boolean): readonly string[];
