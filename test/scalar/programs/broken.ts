import { scalar } from '../../../dsl/scalar/index.ts';

export const first = scalar((x) => [x].length);
export const second = scalar((x) => x + Number(x));
