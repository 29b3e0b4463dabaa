/** Parts of a page in the look of Ricci's reports. */
export { page, picture, table, tag, type Html } from './html.ts';
export { drawn, folded, percent, quiet, section, small } from './parts.ts';
export { STYLE } from './style.ts';
