/** The search box: what has all the words stays and is opened, drawings fade out the rest, and Enter goes on. */
export const SEARCHING = `
const search = document.getElementById('search');
const found = document.querySelector('output');
const parts = all('.layer, .kernel, .file');
const entryOf = (element) => ({
  element, text: (element.textContent + ' ' + (element.dataset.name ?? '')).toLowerCase(),
  head: (element.querySelector('summary') ?? element).textContent.toLowerCase(),
  rows: all('.line', element).map((row) => ({ row, text: row.textContent.toLowerCase() })),
});
const kernels = all('.kernel').map(entryOf);
const origins = all('.origin').map(entryOf);
/* What is opened of itself; more matches stay folded, and are counted. */
const OPENED = 12;
let before;
let at = -1;

/* A number that a word ends in, after a colon or a percent sign, is the whole number: line 3 is not line 31. */
const wordTest = (word) => new RegExp(word.replace(/[.*+?^$\\u007b\\u007d()|[\\]\\\\]/g, '\\\\$&') +
  (/[:%]\\d+$/.test(word) ? '(?!\\\\d)' : ''));

function look() {
  const words = search.value.toLowerCase().split(/\\s+/).filter((word) => word !== '').map(wordTest);
  const fits = (text) => words.every((word) => word.test(text));
  at = -1;
  if (words.length === 0) return clear();
  before ??= parts.filter((part) => part.open);
  const matches = kernels.filter((entry) => mark(entry, fits(entry.text)));
  const lines = origins.filter((entry) => mark(entry, fits(entry.text)));
  for (const { element, head, rows } of kernels) {
    const inside = matches.length > OPENED || fits(head) ? [] : rows;
    const match = !element.classList.contains('missed');
    for (const { row, text } of rows) row.classList.toggle('hit', match && words.some((word) => word.test(text)));
    element.open = match && inside.length > 0;
  }
  for (const group of all('.layer, .file')) {
    const some = group.querySelector('.kernel:not(.missed), .origin:not(.missed)') !== null;
    group.classList.toggle('missed', !some);
    group.open = some;
  }
  found.textContent = matches.length + ' of ' + kernels.length + ' kernels, ' +
    lines.length + ' of ' + origins.length + ' source lines';
}

function mark({ element }, match) {
  element.classList.toggle('missed', !match);
  if (element.matches('.kernel')) boxOf(element).classList.toggle('missed', !match);
  return match;
}

function clear() {
  found.textContent = '';
  for (const element of all('.missed, .hit')) element.classList.remove('missed', 'hit');
  for (const part of parts) if (before !== undefined) part.open = before.includes(part) || part.matches('.chosen');
  before = undefined;
}

function next(step) {
  const matches = kernels.filter(({ element }) => !element.classList.contains('missed'));
  if (matches.length === 0) return;
  at = (at + step + matches.length) % matches.length;
  const { element } = matches[at];
  choose(element);
  element.open = true;
  element.scrollIntoView({ block: 'start' });
}

let pending;
search.addEventListener('input', () => {
  clearTimeout(pending);
  pending = setTimeout(look, 80);
});
search.addEventListener('keydown', (event) => {
  if (event.key === 'Enter') next(event.shiftKey ? -1 : 1);
  if (event.key === 'Escape') { search.value = ''; look(); }
});
addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.target === search) return;
  event.preventDefault();
  search.focus();
  search.select();
});
`;
