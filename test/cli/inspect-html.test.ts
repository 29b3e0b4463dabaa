import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Script } from 'node:vm';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { draftOf, examine } from '../../cli/inspect/examine.ts';
import type { PageContent } from '../../cli/inspect/html/content.ts';
import { codeBlocks } from '../../cli/inspect/html/code-view.ts';
import { inspectPage } from '../../cli/inspect/html/page.ts';
import { SCRIPT } from '../../cli/inspect/html/script.ts';
import { kernelGraphs, type KernelGraph } from '../../cli/inspect/kernel-graph.ts';
import { spread } from '../../cli/inspect/kernel-times.ts';
import { PORTABLE_TARGET } from '../../cli/inspect/portable-target.ts';
import { reportOf, type Report } from '../../cli/inspect/report.ts';
import { showSeconds } from '../../cli/inspect/seconds.ts';
import { sourcesIn } from '../../cli/inspect/source-place.ts';
import { packageRoot } from '../../cli/package-root.ts';
import { showBytes, showFlops } from '../../cli/table.ts';
import { CPU_TARGET, type Target } from '../../compiler/target.ts';
import { topological } from '../../dsl/graph.ts';
import { loadConfig } from '../../models/pldr/index.ts';
import { caseFolder } from '../pldr/fixtures.ts';
import { runs } from '../support/runs.ts';
import { allElements, elementsNamed, parseXml, type XmlElement } from '../verify/pictures/xml.ts';
import { temporaryFolder } from '../weights/support.ts';
import { openTestCpu } from '../support/device.ts';
import { lent, noDevice, ricci } from './support.ts';

const folder = temporaryFolder();
const configFile = join(caseFolder('v51-small'), 'config.json');
const small = ['--config', configFile];

/** What the command makes a page of. */
async function contentFor(target: Target, cache: 'kv' | 'kv+g' = 'kv+g') {
  const examined = examine(await loadConfig(configFile), { cache, hasHead: true, target });
  const folders = [packageRoot().folder];
  const drafts = examined.programs.map(({ name }) => [name, draftOf(examined, name)] as const);
  const content: PageContent = {
    name: 'small', report: reportOf(examined, folders), programs: examined.programs, sources: sourcesIn(folders),
    graphs: Object.fromEntries(drafts.map(([name, draft]) => [name, kernelGraphs(draft)])),
  };
  return { content, drafts: new Map(drafts) };
}

/** The part of a page between its head and its script, as a tree; throws where it is not well-formed. */
function treeOf(html: string): XmlElement {
  const body = html.slice(html.indexOf('<body>'), html.indexOf('<script>'));
  return parseXml(`${body.replace(/<input [^>]*>/g, '').replace(/<(\/?)h\d/g, '<$1h')}</body>`);
}

const ofClass = (root: XmlElement, kind: string): readonly XmlElement[] =>
  allElements(root).filter((e) => (e.attributes['class'] ?? '').split(' ').includes(kind));

const textOf = (e: XmlElement): string => [e.text, ...e.children.map(textOf)].join(' ');

const linksIn = (e: XmlElement): readonly string[] =>
  elementsNamed(e, 'a').map((a) => a.attributes['href'] ?? '').filter((href) => href !== '');

const operandsOf = (text: string): readonly string[] => text.replace(/"[^"]*"/g, '').match(/%\d+/g) ?? [];

const TARGETS = [['a GPU', PORTABLE_TARGET], ['a CPU', CPU_TARGET]] as const;

describe.each(TARGETS)('the page of programs for %s', (_, target) => {
  let content: PageContent;
  let drafts: Awaited<ReturnType<typeof contentFor>>['drafts'];
  let html: string;
  let tree: XmlElement;

  beforeAll(async () => {
    ({ content, drafts } = await contentFor(target));
    html = inspectPage(content);
    tree = treeOf(html);
  });

  it('has every kernel of every program once, with the numbers of the report', () => {
    const shown = ofClass(tree, 'kernel');
    const expected = Object.entries(content.report.programs).flatMap(([program, { kernels }]) =>
      kernels.map((kernel, i) => ({ id: `${program}-kernel-${i}`, kernel })));
    expect(shown.map((e) => e.attributes['id'])).toEqual(expected.map((e) => e.id));
    for (const [i, { kernel }] of expected.entries()) {
      const [row] = shown[i].children;
      const cells = ofClass(row, 'cell').map((e) => e.text);
      expect(ofClass(row, 'name')[0].text).toBe(kernel.name);
      const { bytesRead, bytesWritten, flops } = kernel;
      expect(cells).toEqual([showBytes(bytesRead), showBytes(bytesWritten), showFlops(flops), '–']);
      for (const weight of kernel.reads) expect(textOf(shown[i])).toContain(weight);
    }
  });

  it('draws every kernel once, as a link to its place', () => {
    for (const section of ofClass(tree, 'program')) {
      const kernels = ofClass(section, 'kernel').map((e) => `#${e.attributes['id']}`);
      const [drawing] = elementsNamed(section, 'svg');
      expect([...linksIn(drawing)].sort()).toEqual([...kernels].sort());
    }
  });

  it('lists every value of the graph under the kernels that compute it, and every one of their lines', () => {
    for (const [name, draft] of drafts) {
      const given = ['input', 'parameter', 'table'];
      const nodes = topological([...draft.outputs, ...draft.states].map(([, n]) => n));
      const computed = new Set(content.graphs[name].flatMap((k) => k.computes.map((l) => l.name)));
      expect([...computed].sort()).toEqual(nodes.flatMap((n, i) => (given.includes(n.kind) ? [] : [`%${i}`])).sort());
      draft.kernels.forEach((kernel, i) => {
        const roots = kernel.computations.map((c) => `%${nodes.findIndex((n) => n.key === c.root.key)}`);
        expect(content.graphs[name][i].writes.map((w) => w.name).sort()).toEqual([...new Set(roots)].sort());
        const own = ofClass(tree, 'kernel').find((e) => e.attributes['id'] === `${name}-kernel-${i}`);
        const lines = own === undefined ? [] : ofClass(own, 'value').map((e) => e.children[0].text);
        expect([...lines].sort()).toEqual(content.graphs[name][i].computes.map((l) => l.name).sort());
      });
    }
  });

  it('leads from each source line to its kernels and back', () => {
    const back = new Map(ofClass(tree, 'kernel').map((e) =>
      [`#${e.attributes['id']}`, new Set(ofClass(e, 'source').flatMap(linksIn))] as const));
    const there = new Map(ofClass(tree, 'origin').map((e) => [`#${e.attributes['id']}`, new Set(linksIn(e))] as const));
    expect(there.size).toBeGreaterThan(5);
    const pairs = (map: ReadonlyMap<string, ReadonlySet<string>>, turned: boolean): readonly string[] =>
      [...map].flatMap(([a, all]) => [...all].map((b) => (turned ? `${b} ${a}` : `${a} ${b}`))).sort();
    expect(pairs(there, false)).toEqual(pairs(back, true));
    for (const kernels of there.values()) expect(kernels.size).toBeGreaterThan(0);
  });

  it('shows what stands on a source line', async () => {
    const source = (await readFile(join(packageRoot().folder, 'models/pldr/attention.ts'), 'utf8')).split('\n');
    const lines = ofClass(tree, 'origin').filter((e) => e.attributes['data-name']?.includes('pldr/attention.ts:'));
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) {
      const number = Number(ofClass(line, 'number')[0].text);
      expect(elementsNamed(line, 'code')[0].text).toBe(source[number - 1].trim());
    }
  });

  it('holds the text of every kernel once', () => {
    for (const program of content.programs) {
      const blocks = codeBlocks(program);
      expect(blocks.map((b) => b.text).join('').replace(/\s/g, '').length)
        .toBe(program.modules.join('').replace(/\s/g, '').length);
      for (const { module, text } of blocks) {
        const id = module === undefined ? `${program.name}-code` : `${program.name}-code-${module}`;
        const [block] = allElements(tree).filter((e) => e.attributes['id'] === id);
        expect(elementsNamed(block, 'pre').map((e) => textOf(e).trim())).toEqual([text.trim()]);
      }
      expect(new Set(blocks.flatMap((b) => b.module ?? []))).toEqual(new Set(program.kernels.map((k) => k.module)));
    }
  });

  it('has no two parts of one name, no link that leads nowhere, and nothing from elsewhere', () => {
    const ids = allElements(tree).flatMap((e) => e.attributes['id'] ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const targets = new Set(ids.map((id) => `#${id}`));
    const wanted = [...linksIn(tree), ...ofClass(tree, 'code').map((e) => `#${e.attributes['data-code']}`)];
    expect(wanted.filter((href) => !targets.has(href))).toEqual([]);
    const own = html.replaceAll('xmlns="http://www.w3.org/2000/svg"', '');
    expect(own.match(/\b(https?:|src=|url\((?!#)|@import)/g)).toBeNull();
  });
});

/** Every operand is made here, read, or the state that a row is appended to; what is read was stored before. */
function checkFlow(graphs: readonly KernelGraph[]): void {
  graphs.forEach(({ computes, reads, writes }, own) => {
    const here = new Set([...computes, ...reads].map((l) => l.name));
    for (const { text } of computes) {
      const operands = operandsOf(text).filter((_, i) => i > 0 || !text.startsWith('append('));
      expect(operands.filter((name) => !here.has(name))).toEqual([]);
    }
    for (const { name, from } of reads) {
      if (from === undefined) continue;
      expect(from).toBeLessThan(own);
      expect(graphs[from].writes.find((w) => w.name === name)?.to).toContain(own);
    }
    for (const { name, to, kept } of writes) {
      expect(computes.map((l) => l.name)).toContain(name);
      expect(to.length + kept.length).toBeGreaterThan(0);
      for (const k of to) expect(graphs[k].reads.find((r) => r.name === name)?.from).toBe(own);
    }
  });
}

it.each(['kv', 'kv+g'] as const)('values flow from kernel to kernel with the cache %s', async (cache) => {
  const { content } = await contentFor(PORTABLE_TARGET, cache);
  Object.values(content.graphs).forEach(checkFlow);
});

it('no name, source or text becomes markup', async () => {
  const { content } = await contentFor(PORTABLE_TARGET);
  const with_ = (text: string): PageContent => {
    const { report, programs, graphs } = content;
    const step = programs.filter((p) => p.name === 'step');
    const kernels = report.programs['step'].kernels.map((k) => ({ ...k, name: `map_${text}`, reads: [text] }));
    return {
      name: text, sources: { show: () => 'file.ts:1', line: () => text },
      programs: step.map((p) => ({ ...p, modules: p.modules.map(() => text) })),
      graphs: { step: graphs['step'].map((g) => ({
        computes: g.computes.map((l) => ({ ...l, text, type: text })), reads: g.reads.map((l) => ({ ...l, text })),
        writes: g.writes.map((l) => ({ ...l, kept: l.kept.map(() => text) })),
      })) },
      report: { ...report, timedOn: text, programs: { step: { ...report.programs['step'], kernels } } },
    };
  };
  const markup = (html: string): number => html.match(/[<>"]/g)?.length ?? 0;
  const plain = markup(inspectPage(with_('x')));
  const hostile = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom(
    '</script><script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "' onclick='x", ']]>', '<!--',
    '\u0000\ud800'));
  fc.assert(fc.property(hostile, (text) => {
    const html = inspectPage(with_(text));
    expect(markup(html)).toBe(plain);
    treeOf(html);
  }), runs(25));
}, 30_000);

it('the script is one that a browser reads to its end', () => {
  expect(() => new Script(SCRIPT)).not.toThrow();
  expect(SCRIPT).not.toMatch(/<\/|<!--/);
});

describe('the command', () => {
  it('writes the page, and says how times would be measured', async () => {
    const file = join(folder, 'page.html');
    const run = await ricci(['inspect', ...small, '--html', file], noDevice);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const html = await readFile(file, 'utf8');
    expect(ofClass(treeOf(html), 'kernel').length).toBeGreaterThan(50);
    expect(html).toContain('not timed: ricci inspect --time measures each kernel');
  });

  it('times every kernel on the device, within the time of whole runs', async () => {
    const device = await openTestCpu();
    const file = join(folder, 'timed.html');
    const argv = ['inspect', ...small, '--device', 'cpu', '--time', '--html', file, '--json'];
    const run = await ricci(argv, { ...lent(device), now: () => performance.now() });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const report: Report = JSON.parse(run.stdout);
    expect(report.timedOn).toBe(device.name);
    for (const { kernels, time } of Object.values(report.programs)) {
      expect(time?.runs).toBeGreaterThanOrEqual(3);
      const least = kernels.reduce((sum, k) => sum + (k.time?.least ?? Infinity), 0);
      expect(least).toBeGreaterThan(0);
      // No run of a kernel is shorter than its shortest one, and clocks take time themselves.
      expect(least).toBeLessThan(3 * (time?.whole.most ?? 0));
      for (const k of kernels) expect(k.time?.median).toBeLessThanOrEqual(k.time?.most ?? 0);
    }
    const rows = ofClass(treeOf(await readFile(file, 'utf8')), 'kernel').map((e) => ofClass(e, 'time')[0].text);
    const times = Object.values(report.programs).flatMap((p) => p.kernels.map((k) => showSeconds(k.time?.median ?? 0)));
    expect(rows).toEqual(times);
    device.close();
  });

  it('tells of what does not go together, and of a file that cannot be written', async () => {
    const threads = await ricci(['inspect', ...small, '--device', 'cpu', '--threads', '2'], noDevice);
    expect(threads).toMatchObject({ code: 2, stderr: expect.stringContaining('Add --time') });
    const nowhere = await ricci(['inspect', ...small, '--html', join(folder, 'nowhere', 'page.html')], noDevice);
    expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining('page.html could not be written') });
  });
});

it('a spread has half of the values on each side of its median', () => fc.assert(
  fc.property(fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 1 }), (values) => {
    const { least, median, most } = spread(values);
    expect([least, most]).toEqual([Math.min(...values), Math.max(...values)]);
    expect(values).toContain(median);
    expect(values.filter((v) => v <= median).length).toBeGreaterThanOrEqual(values.length / 2);
    expect(values.filter((v) => v >= median).length).toBeGreaterThanOrEqual(values.length / 2);
  }),
  runs(100),
));

it.each([[0, '0 s'], [2.5, '2.50 s'], [0.1234, '123 ms'], [0.00999, '9.99 ms'], [12.34e-6, '12.3 µs'],
  [99.97e-6, '100 µs'], [0.9996e-3, '1.00 ms'], [5e-9, '5.00 ns'], [2e-10, '0.200 ns']])('%d seconds are shown as %s', (seconds, shown) => {
  expect(showSeconds(seconds)).toBe(shown);
});
