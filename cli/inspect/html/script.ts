import { CHOOSING } from './script/choosing.ts';
import { SEARCHING } from './script/searching.ts';
import { ZOOMING } from './script/zooming.ts';

/*
 * What the page does in a browser: plain JavaScript of functions of their own, kept as text, because sources may be
 * rewritten on their way to Node and this text reaches the browser as it stands. Without it the page is still whole.
 */

const BEGIN = `'use strict';
document.documentElement.classList.add('js');
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
`;

/** The script of the page; it has no `<`, so that nothing in it ends it. */
export const SCRIPT = `(() => {${BEGIN}${ZOOMING}${CHOOSING}${SEARCHING}})();`;
