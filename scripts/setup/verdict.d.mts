export interface Driver {
  readonly name: string;
  readonly icd: string;
  readonly folder: string;
  readonly libraries: readonly string[];
}

export interface Machine {
  readonly node: string;
  readonly webgpu: string;
  readonly platform: string;
  readonly systemDrivers: readonly string[];
}

export interface Verdict {
  readonly format: 1;
  readonly probedAt: number;
  readonly machine: Machine;
  readonly driver: Driver | null;
  readonly adapter: string;
}

export const FORMAT: 1;
export function readVerdict(env: NodeJS.ProcessEnv): Verdict | undefined;
export function writeVerdict(env: NodeJS.ProcessEnv, verdict: Verdict): void;
export function systemDrivers(): readonly string[];
export function verdictHolds(
  verdict: Verdict,
  machine: Machine,
  now: number,
  exists?: (path: string) => boolean,
): boolean;
