import { axis, dot, input, parameter } from '../dsl/index.ts';
const [Pos, Embed, Head] = [axis('pos', 8), axis('embed', 64), axis('head', 4)];
const x = input('x', [Pos, Embed]);
export const y = dot(x, parameter('w', [Head, Embed]), Head);
