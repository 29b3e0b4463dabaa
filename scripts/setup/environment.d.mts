import type { Driver } from './verdict.mjs';

export function driverIsChosen(env: NodeJS.ProcessEnv): boolean;
export function driverVariables(
  driver: Driver | null,
  env: NodeJS.ProcessEnv,
  temporary?: string,
): Record<string, string>;
export function applyDriver(driver: Driver | null, options: { readonly load: boolean }): void;
export function applyRememberedDriver(options: { readonly load: boolean }): void;
