/** The text of runtime/cpu/sampling/row-module.ts. */
export function assembledRow(): string;
