/**
 * SVG as values. A string among the children is text and is escaped; markup is made by `element` alone, so that nothing
 * that a label holds can become markup.
 */
export interface Markup {
  readonly markup: string;
}

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** A part of a picture with its size, drawn from its own origin. */
export interface Block {
  readonly width: number;
  readonly height: number;
  readonly content: readonly Markup[];
}

const ENTITIES: Readonly<Record<string, string>> =
  { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** What no XML may hold, not even escaped: controls, halves of surrogate pairs and two that are no characters. */
const FORBIDDEN = /(?![\t\n\r])\p{Cc}|[\p{Cs}\ufffe\uffff]/gu;

/** Text as it may stand in markup, attributes included. */
export const escaped = (text: string): string =>
  text.replace(FORBIDDEN, '\ufffd').replace(/[&<>"']/g, (character) => ENTITIES[character]);

/** A length in pixels as it is written: hundredths are enough, and keep the file short. */
export const hundredths = (pixels: number): number => Math.round(pixels * 100) / 100;

const shown = (value: string | number): string =>
  typeof value === 'number' ? String(hundredths(value)) : escaped(value);

/** One element with its attributes (those that are undefined are left out) and children. */
export function element(name: string, attributes: Attributes, ...children: readonly (Markup | string)[]): Markup {
  const given = Object.entries(attributes)
    .map(([key, value]) => (value === undefined ? '' : ` ${key}="${shown(value)}"`))
    .join('');
  const inner = children.map((child) => (typeof child === 'string' ? escaped(child) : child.markup)).join('');
  return { markup: inner === '' ? `<${name}${given}/>` : `<${name}${given}>${inner}</${name}>` };
}

/** A block at a place. */
export const placed = (block: Block, x: number, y: number): Markup =>
  element('g', { transform: `translate(${hundredths(x)} ${hundredths(y)})` }, ...block.content);

/**
 * A whole picture on white. It needs nothing from elsewhere, no script, style sheet or font, and has no identifiers, so
 * that several may stand in one page.
 * @param name what a screen reader says first
 * @param description what it says then
 */
export function svgDocument(block: Block, name: string, description: string): string {
  const [width, height] = [Math.ceil(block.width), Math.ceil(block.height)];
  return `${element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: `0 0 ${width} ${height}`, role: 'img',
      'font-family': 'system-ui, sans-serif', 'font-size': FONT.size, fill: INK.text,
    },
    element('title', {}, name),
    element('desc', {}, description),
    element('rect', { width, height, fill: 'white' }),
    ...block.content,
  ).markup}\n`;
}

/** Sizes in pixels, and the stack of fonts for numbers and tokens. */
export const FONT = { size: 12, title: 16, label: 11, mono: 'ui-monospace, monospace' } as const;

/** Greys of what is not data. */
export const INK = { text: '#24292f', quiet: '#57606a', line: '#8c959f', grid: '#e6e9ed' } as const;

/** Empty space around a whole picture. */
export const MARGIN = 20;
