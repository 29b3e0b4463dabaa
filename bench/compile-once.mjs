// One compilation of a model's two programs in a process of its own, from a configuration or from the disk cache;
// prints one line of JSON. It runs the package as users do: built where the build is newer than the sources.
//   node bench/compile-once.mjs '{"config": {…}, "target": "cpu", "programs": FOLDER}'
import { loadModule, usesBuild } from '../scripts/load.mjs';

/** Adds up the time since the last of them by the name of what is done. */
class Clock {
  /** @type {Record<string, number>} */
  phases = {};
  #last = performance.now();

  /** @param {string} name */
  done(name) {
    const now = performance.now();
    this.phases[name] = (this.phases[name] ?? 0) + now - this.#last;
    this.#last = now;
  }
}

/**
 * @param {import('./compilation.ts').CompileRequest} request
 * @returns {Promise<import('./compilation.ts').Compilation>}
 */
async function compilation({ config, target, programs: folder }) {
  const modules = new Clock();
  const { BASE_TARGET, compile, CPU_TARGET, encodeAll } = await loadModule('compiler/index');
  const { modelGraph, prefillProgram, stepProgram } = await loadModule('models/pldr/programs');
  const { storedPrograms } = await loadModule('models/pldr/program-store');
  const { diskPrograms } = await loadModule('cli/program-cache');
  modules.done('modules');
  const clock = new Clock();
  const make = () => {
    clock.done('cache');
    const graph = modelGraph(config, { batch: 1 });
    const sources = [stepProgram(graph, 'kv+g'), prefillProgram(graph, 'kv+g')];
    clock.done('graph');
    const chosen = target === 'cpu' ? CPU_TARGET : BASE_TARGET;
    const compiled = compile(sources, chosen, undefined, undefined, (done) => clock.done(done));
    clock.done('emit');
    const encoded = encodeAll(compiled);
    clock.done('encode');
    return encoded;
  };
  const { programs } = await storedPrograms(diskPrograms(folder), `bench ${target} ${JSON.stringify(config)}`, make);
  clock.done('cache');
  const { userCPUTime, maxRSS } = process.resourceUsage();
  return {
    built: usesBuild('compiler/index'),
    modulesMs: modules.phases.modules,
    phasesMs: clock.phases,
    userMs: userCPUTime / 1000,
    programs: programs.map(sizesOf),
    peakRssBytes: maxRSS * 1024,
  };
}

/** @param {import('../compiler/program.ts').Program} program */
function sizesOf({ name, encoding, modules, kernels }) {
  const characters = modules.reduce((n, text) => n + text.length, 0);
  return {
    name,
    kernels: kernels.length,
    distinct: new Set(kernels.map((k) => k.module)).size,
    moduleBytes: encoding === 'wasm' ? Math.ceil(characters * 0.75) : characters,
  };
}

console.log(JSON.stringify(await compilation(JSON.parse(process.argv[2] ?? '{}'))));
