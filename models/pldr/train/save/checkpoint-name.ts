/** The folder of a checkpoint; padded, so that names sort as steps do. */
export const checkpointName = (step: number): string => `step-${String(step).padStart(8, '0')}`;

/** The step that a folder's name says; undefined for any other name, also that of a checkpoint being written. */
export function stepOfName(name: string): number | undefined {
  const digits = /^step-(\d{8,})$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** A folder that is on its way to become a checkpoint, or from being one. */
export const temporaryName = (step: number, unique: string): string => `.${checkpointName(step)}.${unique}.tmp`;

export const isTemporaryName = (name: string): boolean => /^\.step-\d+\.[0-9a-f]+\.tmp$/.test(name);
