/**
 * What tests ask of a page, run inside the browser: each function is sent there as text, so that it uses nothing from
 * outside of itself.
 */

/** The widths of what can be scrolled and of the window, in CSS pixels. */
export const widths = () => ({ content: document.documentElement.scrollWidth, window: window.innerWidth });

/** Opens all that is folded. */
export function unfold() {
  for (const part of document.querySelectorAll('details')) part.open = true;
}

/**
 * Texts whose contrast to what lies under them is less than `least`, by WCAG 2.2, "contrast ratio" and "relative
 * luminance"; the texts of drawings are left out.
 * @param {number} least @returns {readonly string[]} the contrast, and how the element begins
 */
export function faintTexts(least) {
  const pen = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  /** The luminance of colours that are painted one over the other. */
  const luminance = (colours) => {
    for (const colour of colours) {
      pen.fillStyle = colour;
      pen.fillRect(0, 0, 1, 1);
    }
    const [r, g, b] = [...pen.getImageData(0, 0, 1, 1).data]
      .map((byte) => byte / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const paper = document.body.appendChild(document.createElement('i'));
  paper.style.background = 'Canvas'; // what the browser paints where a page has no colour, in its colour scheme
  const canvas = getComputedStyle(paper).backgroundColor;
  paper.remove();
  const under = (element) =>
    element === null ? [canvas] : [...under(element.parentElement), getComputedStyle(element).backgroundColor];
  const contrast = (element) => {
    const colours = under(element);
    const pair = [luminance(colours), luminance([...colours, getComputedStyle(element).color])];
    return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
  };
  const isText = (node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== '';
  return [...document.body.querySelectorAll(':not(svg, svg *, script, style)')]
    .filter((element) => [...element.childNodes].some(isText) && element.checkVisibility())
    .map((element) => ({ element, found: contrast(element) }))
    .filter(({ found }) => found < least)
    .map(({ element, found }) => `${found.toFixed(2)} ${element.outerHTML.slice(0, 80)}`);
}
