export function makeWhole(
  parent: string,
  name: string,
  last: string,
  fill: (whole: string, scratch: string) => void,
): void;
