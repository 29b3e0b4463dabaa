import { showAxes } from '../axis.ts';
import { RicciError, showPlace, type Place } from '../errors.ts';
import { operands, topological } from '../graph.ts';
import type { Node } from '../node.ts';

/** Refuses what has no gradient. @throws `grad/loss-axes`, `grad/not-numbers` */
export function checkArguments(loss: Node, wrt: readonly Node[], place: Place | undefined): void {
  if (loss.axes.length > 0) {
    throw new RicciError({
      code: 'grad/loss-axes',
      message: `grad: the loss has the axes ${showAxes(loss.axes)}, and a gradient is that of one number.`,
      hint: 'Sum it, or take its mean, over these axes.',
      place: loss.origin.place ?? place,
    });
  }
  const integers = [loss, ...wrt].flatMap((x, i) =>
    (x.dtype === 'f32' ? [] : [i === 0 ? 'the loss' : `tensor ${i} of those that it is differentiated by`]));
  if (integers.length === 0) return;
  throw new RicciError({
    code: 'grad/not-numbers',
    message: `grad: ${integers.join(', ')} holds integers (i32), which have no derivative.`,
    hint: 'Differentiate f32 values by f32 values.',
    place,
  });
}

const hasNoDerivative = (n: Node): boolean => n.kind === 'append' || (n.kind === 'quantize' && n.storage !== 'f16');

/**
 * Refuses values without a derivative between the loss and what it is differentiated by.
 * @throws `grad/no-derivative`, with all of them
 */
export function checkPath(loss: Node, path: ReadonlySet<string>): void {
  const found = topological([loss]).filter((n) => hasNoDerivative(n)
    && path.has(n.key) && operands(n).some((x) => path.has(x.key)));
  if (found.length === 0) return;
  const shown = found.map(({ kind, origin: { place } }) =>
    (place === undefined ? kind : `${kind} at ${showPlace(place)}`));
  throw new RicciError({
    code: 'grad/no-derivative',
    message: `grad: there is no derivative of ${[...new Set(shown)].join(', ')}.`,
    hint: 'Take gradients of the graph as declared, before passes and staging, or hide the value by stopGradient.',
    place: found[0].origin.place,
  });
}
