import { perturbed, type Parameter } from './parameter.ts';

/** How much of the normalised rows is left of them in A, beside the last norm's bias, which is the same for all. */
const TEXT_SHARE = 1e-5;

/**
 * Weights whose G is nearly the same for all texts: the norm that makes A has a gain near 0, so that all rows of A are
 * near its bias. U stays near 1, for where it crossed 0 powers would magnify what is left of the text.
 */
export function collapsed(p: Parameter): Float32Array {
  const values = perturbed(p);
  if (isLastGain(p)) return values.map((v) => v * TEXT_SHARE);
  return p.name.endsWith('.blst') ? values.map((v) => v + 1) : values;
}

/** Whether a parameter is the gain of the metric learner's last norm. */
function isLastGain({ name, config: { residualUnits } }: Parameter): boolean {
  const norm = residualUnits === 0 ? 'mha1.layernorm1' : `reslayerAs.${residualUnits - 1}.layernormA`;
  return name.endsWith(`.${norm}.weight`);
}
