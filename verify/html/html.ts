import { escaped } from '../pictures/svg.ts';

/** Finished markup; strings beside it are text. */
export interface Html {
  readonly html: string;
}

type Child = Html | string;

const inner = (children: readonly Child[]): string =>
  children.map((c) => (typeof c === 'string' ? escaped(c) : c.html)).join('');

/** One element; its children that are strings are text, and are escaped. */
export function tag(name: string, attributes: Readonly<Record<string, string>>, ...children: readonly Child[]): Html {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`).join('');
  return { html: `<${name}${given}>${inner(children)}</${name}>` };
}

/** A whole picture, as the makers of pictures return it. */
export const picture = (svg: string): Html => ({ html: svg });

/** A table with its titles; the first column names the rows. @param kind its class, for its looks */
export function table(titles: readonly string[], rows: readonly (readonly Child[])[], kind = ''): Html {
  const head = tag('tr', {}, ...titles.map((t) => tag('th', { scope: 'col' }, t)));
  const body = rows.map(([name, ...cells]) =>
    tag('tr', {}, tag('th', { scope: 'row' }, name), ...cells.map((c) => tag('td', {}, c))));
  const own = tag('table', { class: kind }, tag('thead', {}, head), tag('tbody', {}, ...body));
  return tag('div', { class: 'scroll' }, own);
}

/** A whole page that needs nothing from elsewhere. */
export function page(title: string, style: string, ...body: readonly Html[]): string {
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">` +
    `<link rel="icon" href="data:,"><title>${escaped(title)}</title><style>${style}</style>`;
  return `<!doctype html>\n<html lang="en"><head>${head}</head><body>${inner(body)}</body></html>\n`;
}
