import { FILTER_WGSL } from './wgsl-filter.ts';
import { type RowShader, rowWgsl } from './wgsl-row.ts';
import { ARITHMETIC_WGSL } from './wgsl-weights.ts';

const GREEDY_WGSL = `
@compute @workgroup_size(LANES)
fn greedy(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  let heaviest = findHeaviest(workgroup.x, lane);
  if (lane == 0u) { advance(workgroup.x, heaviest.id, heaviest.flags); }
}
`;

/** The program with the entry point `greedy`: the likeliest token of every row, one workgroup per row. */
export const greedyWgsl = (shader: RowShader): string => rowWgsl(shader) + GREEDY_WGSL;

/**
 * The program with the entry point `sample`: penalty, filters and draw, one workgroup per row, in 3 passes over the
 * logits and 4 more for each of top-k and top-p.
 */
export const samplingWgsl = (shader: RowShader): string => rowWgsl(shader) + ARITHMETIC_WGSL + FILTER_WGSL;
