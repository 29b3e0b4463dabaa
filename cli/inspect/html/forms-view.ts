import { tag, type Html } from '../../../verify/html/html.ts';
import { kindOf } from '../svg.ts';
import { kernelLink } from './anchors.ts';
import { kernelsOf, type KernelView, type ProgramView } from './content.ts';
import { measures, totalsOf, weightOf } from './measure.ts';

/** Kernels of one name, which layers repeat: those that take most of the program come first. */
export function formsView(view: ProgramView): Html {
  const groups = new Map<string, KernelView[]>();
  for (const k of kernelsOf(view)) groups.set(k.kernel.name, [...(groups.get(k.kernel.name) ?? []), k]);
  const forms = [...groups]
    .map(([name, kernels]) => ({ name, kernels, totals: totalsOf(kernels.map((k) => k.kernel)) }))
    .sort((a, b) => weightOf(b.totals) - weightOf(a.totals));
  return tag('div', { class: 'forms' }, ...forms.map(({ name, kernels, totals }) => tag('details', { class: 'form' },
    tag('summary', { class: 'row' },
      tag('span', { class: 'number' }, `${kernels.length}×`),
      tag('span', { class: 'name' }, tag('i', { class: `kind fill-${kindOf(name)}` }), name),
      ...measures(totals, view.report)),
    tag('p', { class: 'inside' }, 'kernel', ...kernels.flatMap((k) => [' ', kernelLink(view.name, k.index)])))));
}
