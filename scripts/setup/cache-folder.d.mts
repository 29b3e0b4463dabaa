export function cacheFolder(env: NodeJS.ProcessEnv, platform?: NodeJS.Platform, home?: string): string;
