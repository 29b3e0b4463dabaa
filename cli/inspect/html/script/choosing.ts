/** Following a link to a kernel, a source line or a text opens it, and marks a kernel in its drawing too. */
export const CHOOSING = `
const boxOf = (kernel) => kernel.closest('.program')
  .querySelector('.box[data-kernel="' + kernel.id.split('-').pop() + '"]');

function choose(kernel) {
  for (const old of all('.chosen, .near')) old.classList.remove('chosen', 'near');
  const box = boxOf(kernel);
  kernel.classList.add('chosen');
  box.classList.add('chosen');
  const number = box.dataset.kernel;
  for (const arrow of all('.arrow', box.ownerSVGElement)) {
    arrow.classList.toggle('near', arrow.dataset.from === number || arrow.dataset.to === number);
  }
  drawings.get(kernel.closest('.program').id).reveal(box);
}

function go(id) {
  const target = document.getElementById(id);
  if (target === null) return;
  if (target.closest('.missed') !== null) {
    search.value = '';
    look();
  }
  for (let part = target; part !== null; part = part.parentElement) if (part.matches('details')) part.open = true;
  if (target.matches('.kernel')) {
    choose(target);
    target.querySelector('summary').focus({ preventScroll: true });
  }
  target.scrollIntoView({ block: 'start' });
}

const idOf = (hash) => decodeURIComponent(hash.slice(1));
addEventListener('hashchange', () => go(idOf(location.hash)));
document.addEventListener('click', (event) => {
  const link = event.target.closest('a');
  if (link === null || event.defaultPrevented) return;
  const hash = link.getAttribute('href');
  /* The same place again is no change of the hash. */
  if (hash === location.hash) go(idOf(hash));
});
for (const summary of all('.kernel > summary')) summary.addEventListener('click', () => choose(summary.parentElement));

/* The text of a kernel stands once in the page: where it is opened, a copy is shown. */
for (const code of all('.code')) {
  code.addEventListener('toggle', () => {
    const shown = code.querySelector('p');
    if (shown === null) return;
    shown.replaceWith(document.getElementById(code.dataset.code).querySelector('pre').cloneNode(true));
  }, { once: true });
}

document.getElementById('fold').addEventListener('click', () => {
  for (const part of all('main details[open]')) part.open = false;
});
if (location.hash !== '') go(idOf(location.hash));
`;
