/** How the page looks, in light and in dark. */
export const STYLE = `
:root { color-scheme: light dark; --paper: #fff; --ink: #24292f; --quiet: #57606a; --line: #d8dee4; --wash: #f6f8fa;
  --accent: #0550ae; --mark: #fff3bf; --contract: #dbeafe; --online: #fde68a; --rows: #dcfce7; --map: #f3e8ff;
  --scatter: #ffe4e6; --other: #eef1f4; --edge: #64748b; --bar: #54aeff; --top: 3.1rem; }
@media (prefers-color-scheme: dark) { :root { --paper: #0d1117; --ink: #e6edf3; --quiet: #9198a1; --line: #30363d;
  --wash: #151b23; --accent: #79b8ff; --mark: #4d3b00; --contract: #17335c; --online: #5a4408; --rows: #12402a;
  --map: #40265e; --scatter: #5c1f2b; --other: #21262d; --edge: #7d8794; --bar: #388bfd; } }
* { box-sizing: border-box; }
html { scroll-padding-top: calc(var(--top) + .6rem); }
body { font: 14px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0 1.5rem 4rem; }
h1 { font-size: 1.6rem; margin: 1.4rem 0 .3rem; } h2 { font-size: 1.25rem; margin: 2rem 0 .2rem; }
h3 { font-size: 1rem; margin: 2rem 0 .4rem; } h4 { font-size: .8rem; margin: .8rem 0 .1rem; color: var(--quiet); }
p { margin: .2rem 0; } .quiet { color: var(--quiet); } a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; } code, pre, .graph, .source { font: 12px/1.6 ui-monospace, monospace; }
summary { cursor: pointer; } summary:hover { background: var(--wash); } :target { outline: none; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
nav { position: sticky; top: 0; z-index: 2; display: flex; gap: 1.2rem; align-items: center; height: var(--top);
  background: var(--paper); border-bottom: 1px solid var(--line); margin: .6rem -1.5rem 0; padding: 0 1.5rem; }
nav > a { font-weight: 600; white-space: nowrap; }
.scripted { display: none; flex: 1; gap: 1rem; align-items: center; justify-content: flex-end; }
.js .scripted { display: flex; }
input { font: inherit; color: inherit; background: var(--wash); border: 1px solid var(--line); border-radius: 6px;
  padding: .3rem .7rem; flex: 0 1 27rem; min-width: 8rem; }
output { color: var(--quiet); white-space: nowrap; min-width: 15rem; font-variant-numeric: tabular-nums; }
button { font: inherit; color: inherit; background: var(--wash); border: 1px solid var(--line); border-radius: 6px;
  padding: .25rem .7rem; cursor: pointer; white-space: nowrap; } button:hover { border-color: var(--edge); }
.row { display: grid; grid-template-columns: 2.6rem minmax(9rem, 1fr) repeat(2, 4.4rem) 5.6rem 5rem; gap: .3rem;
  font-size: 13px;
  align-items: baseline; padding: .16rem .4rem .16rem 0; border-bottom: 1px solid var(--line);
  font-variant-numeric: tabular-nums; list-style: none; }
.row::-webkit-details-marker { display: none; }
.row > .number { text-align: right; color: var(--quiet); } .cell { text-align: right; white-space: nowrap; }
.name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; padding-left: .9rem; position: relative; }
summary > .name::before { content: '▸'; position: absolute; left: 0; color: var(--quiet); }
details[open] > summary > .name::before { content: '▾'; }
.layer > summary { font-weight: 600; padding-top: .35rem; padding-bottom: .35rem; }
.layer > summary .quiet { font-weight: 400; } .kernel > summary .name, .form > summary .name { padding-left: 1.6rem; }
.kernel > summary > .name::before, .form > summary > .name::before { left: .7rem; }
.titles { color: var(--quiet); font-size: .85rem; }
.kind { display: inline-block; width: .7rem; height: .7rem; border-radius: 3px; border: 1px solid var(--edge);
  margin: 0 .5rem 0 .2rem; }
.time { position: relative; } .bar { position: absolute; left: .6rem; right: 0; bottom: -.12rem; height: 3px; }
.bar > span { display: block; height: 100%; background: var(--bar); border-radius: 2px; margin-left: auto; }
.inside { padding: .4rem 0 .9rem 1.6rem; margin-left: 2.6rem; border-bottom: 1px solid var(--line);
  border-left: 2px solid var(--line); } .form > .inside { margin-top: 0; }
.inside > .quiet { font-size: .85rem; }
.graph { list-style: none; margin: 0; padding: 0; overflow-wrap: anywhere; } .graph b { font-weight: 600; }
.graph .type { color: var(--quiet); } .graph .read { color: var(--quiet); } .graph em { color: var(--accent); }
.value { padding-left: 1.2rem; } .value.stored { border-left: 2px solid var(--bar); padding-left: calc(1.2rem - 2px); }
.source { margin: .35rem 0 0; overflow-wrap: anywhere; } .source code { color: var(--ink); font-weight: 600; }
.code, .codes, .memory { margin-top: .8rem; } .codes > details { margin: .3rem 0 .3rem 1rem; }
.code > summary, .codes > summary, .memory > summary { color: var(--quiet); }
pre { background: var(--wash); border: 1px solid var(--line); border-radius: 6px; padding: .7rem .9rem; overflow: auto;
  max-height: 34rem; tab-size: 2; margin: .4rem 0; } pre code { font-size: 11.5px; }
.number { font-variant-numeric: tabular-nums; }
.file { margin: .3rem 0; } .file > summary { font: 600 13px/1.7 ui-monospace, monospace; }
.file > summary .quiet { font-weight: 400; }
.origin { display: grid; grid-template-columns: 3rem minmax(0, 1fr) minmax(14rem, 42%); gap: 1rem; padding: .1rem 0;
  border-bottom: 1px solid var(--line); }
.origin > .number { text-align: right; color: var(--quiet); } .origin code { white-space: pre-wrap; }
.kernels { display: flex; flex-direction: column; font-size: .9rem; color: var(--quiet); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .4rem 0; }
th, td { padding: .15rem 1rem .15rem 0; text-align: left; font-weight: 400; vertical-align: top; }
td:nth-child(2) { text-align: right; white-space: nowrap; } td { color: var(--quiet); }
figure { margin: .6rem 0 0; position: relative; border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
.canvas { overflow: auto; max-height: 80vh; } .canvas svg { display: block; }
.js .canvas { height: 60vh; max-height: none; overflow: hidden; cursor: grab; touch-action: none; }
.js .canvas.moving { cursor: grabbing; } .js .canvas svg { width: 100%; height: 100%; }
.tools { display: none; position: absolute; right: .6rem; top: .6rem; gap: .3rem; } .js .tools { display: flex; }
.canvas .paper { fill: var(--paper); } .canvas text { fill: var(--ink); } .canvas .tip { fill: var(--edge); }
.fill-contract { fill: var(--contract); background: var(--contract); }
.fill-online { fill: var(--online); background: var(--online); }
.fill-rows { fill: var(--rows); background: var(--rows); } .fill-map { fill: var(--map); background: var(--map); }
.fill-scatter { fill: var(--scatter); background: var(--scatter); }
.fill-other { fill: var(--other); background: var(--other); }
.arrow { stroke: var(--edge); } .arrow.near { stroke: var(--accent); stroke-width: 2.2; }
.box { cursor: pointer; } .box:hover rect, .box.chosen rect { stroke: var(--accent); stroke-width: 2.5; }
.box.chosen rect { stroke-width: 4; } .box.missed { opacity: .22; } .canvas a:hover { text-decoration: none; }
.kernel.chosen > summary { background: var(--wash); box-shadow: inset 3px 0 var(--accent); }
.origin:target, .origin.chosen, .hit { background: var(--mark); } .missed:not(g) { display: none; }
@media (min-width: 1280px) {
  .sides { display: grid; grid-template-columns: minmax(0, 1fr) minmax(36rem, 46%); gap: 1.5rem; align-items: start; }
  figure { position: sticky; top: calc(var(--top) + .6rem); }
  .js .canvas { height: calc(100vh - var(--top) - 1.4rem); } .tree { margin-top: .6rem; } }
@media (max-width: 700px) {
  nav { flex-wrap: wrap; height: auto; position: static; padding-bottom: .5rem; } output { min-width: 0; }
  .row { grid-template-columns: 2rem minmax(6rem, 1fr) 5.6rem; } .row .cell:not(:last-child) { display: none; }
  .origin { grid-template-columns: 2rem minmax(0, 1fr); } .kernels { grid-column: 2; } .inside { margin-left: .6rem; } }
@media print { nav, .tools { display: none; } }
`;
