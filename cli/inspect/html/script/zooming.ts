/** Drawings that are moved by dragging, and made larger or smaller by the wheel, buttons and keys. */
export const ZOOMING = `
const drawings = new Map(all('figure').map((figure) => [figure.closest('.program').id, zoomable(figure)]));

function zoomable(figure) {
  const canvas = figure.querySelector('.canvas');
  const svg = canvas.querySelector('svg');
  const [, , width, height] = svg.getAttribute('viewBox').split(' ').map(Number);
  const view = { x: 0, y: 0, scale: 1 };
  const seen = () => ({ width: canvas.clientWidth / view.scale, height: canvas.clientHeight / view.scale });
  const within = (at, most, part) => (part > most ? (most - part) / 2 : Math.min(Math.max(at, 0), most - part));
  const show = () => {
    const part = seen();
    view.x = within(view.x, width, part.width);
    view.y = part.height > height ? 0 : within(view.y, height, part.height);
    svg.setAttribute('viewBox', [view.x, view.y, part.width, part.height].join(' '));
  };
  /* What lies under (px, py), in pixels of the canvas, stays there. */
  const zoom = (factor, px = canvas.clientWidth / 2, py = canvas.clientHeight / 2) => {
    const scale = Math.min(Math.max(view.scale * factor, 0.05), 4);
    view.x += px / view.scale - px / scale;
    view.y += py / view.scale - py / scale;
    view.scale = scale;
    show();
  };
  const fit = () => Math.min(canvas.clientWidth / width, canvas.clientHeight / height, 1);
  const whole = () => { view.scale = fit(); show(); };
  const move = (dx, dy) => { view.x += dx / view.scale; view.y += dy / view.scale; show(); };
  const acts = { in: () => zoom(1.3), out: () => zoom(1 / 1.3), whole };
  const keys = {
    '+': acts.in, '=': acts.in, '-': acts.out, 0: whole,
    ArrowLeft: () => move(-80, 0), ArrowRight: () => move(80, 0),
    ArrowUp: () => move(0, -80), ArrowDown: () => move(0, 80),
  };
  for (const button of all('[data-act]', figure)) button.addEventListener('click', acts[button.dataset.act]);
  canvas.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  });
  canvas.addEventListener('wheel', (event) => {
    event.preventDefault();
    const { left, top } = canvas.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0015)), event.clientX - left, event.clientY - top);
  }, { passive: false });
  draggable(canvas, move);
  new ResizeObserver(show).observe(canvas);
  view.scale = Math.max(fit(), 0.55);
  show();
  return {
    /* Brings a box into sight, large enough to be read. */
    reveal(box) {
      view.scale = Math.max(view.scale, 0.55);
      const { x, y, width: w, height: h } = box.getBBox();
      const part = seen();
      const hidden = Math.min(x - view.x, y - view.y, view.x + part.width - x - w, view.y + part.height - y - h);
      if (hidden > 0) return show();
      view.x = x + w / 2 - part.width / 2;
      view.y = y + h / 2 - part.height / 2;
      show();
    },
  };
}

/* A press that moves is no click. */
function draggable(canvas, move) {
  let from;
  let dragged = false;
  canvas.addEventListener('pointerdown', (event) => {
    from = { x: event.clientX, y: event.clientY };
    dragged = false;
  });
  canvas.addEventListener('pointermove', (event) => {
    if (from === undefined || event.buttons === 0) return;
    const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
    if (!dragged && 4 > Math.hypot(dx, dy)) return;
    if (!dragged) canvas.setPointerCapture(event.pointerId);
    dragged = true;
    canvas.classList.add('moving');
    move(-dx, -dy);
    from = { x: event.clientX, y: event.clientY };
  });
  const end = () => { from = undefined; canvas.classList.remove('moving'); };
  canvas.addEventListener('pointerup', end);
  canvas.addEventListener('pointercancel', end);
  canvas.addEventListener('dragstart', (event) => event.preventDefault());
  canvas.addEventListener('click', (event) => { if (dragged) event.preventDefault(); }, true);
}
`;
