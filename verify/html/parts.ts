import type { Picture } from '../gallery/index.ts';
import { picture, tag, type Html } from './html.ts';

/** A part of a page under its title. */
export const section = (title: string, ...content: readonly Html[]): Html =>
  tag('section', {}, tag('h2', {}, title), ...content);

/** What explains the part that it stands in. */
export const quiet = (text: string): Html => tag('p', { class: 'quiet' }, text);

/** What is seen when its summary is asked for. */
export const folded = (summary: string, content: Html): Html =>
  tag('details', {}, tag('summary', {}, summary), content);

export const drawn = (of: Picture): Html => picture(of.svg());

export const percent = (x: number): string => `${(100 * x).toPrecision(3)}\u00a0%`;

export const small = (x: number): string => (x === 0 ? '0' : x.toExponential(1));
