// One compilation of a model's two programs in a process of its own, from a configuration or from the disk cache;
// prints one line of JSON. It runs the package as users do: built where the build is newer than the sources. For WebGPU
// the driver compiles the pipelines, too, on what WebGPU prefers.
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
  const { compile, CPU_TARGET, encodeAll } = await loadModule('compiler/index');
  const { modelGraph, prefillProgram, stepProgram } = await loadModule('models/pldr/programs');
  const { storedPrograms } = await loadModule('models/pldr/program-store');
  const { targetOf } = await loadModule('models/pldr/target');
  const { diskPrograms } = await loadModule('cli/program-cache');
  const runtime = await loadModule('runtime/index');
  modules.done('modules');
  const device = target === 'cpu' ? undefined : await runtime.openDevice();
  const clock = new Clock();
  const make = () => {
    clock.done('cache');
    const graph = modelGraph(config, { batch: 1 });
    const sources = [stepProgram(graph, 'kv+g'), prefillProgram(graph, 'kv+g')];
    clock.done('graph');
    const compiled = compile(sources, device === undefined ? CPU_TARGET : targetOf(device), undefined, undefined, (done) => clock.done(done));
    clock.done('emit');
    const encoded = encodeAll(compiled);
    clock.done('encode');
    return encoded;
  };
  const made = await storedPrograms(diskPrograms(folder), `bench ${target} ${JSON.stringify(config)}`, make);
  clock.done('cache');
  const pipelines = device === undefined ? {} : { pipelines: await pipelinesMs(device, made, runtime) };
  const { userCPUTime, maxRSS } = process.resourceUsage();
  return {
    built: usesBuild('compiler/index'),
    modulesMs: modules.phases.modules,
    device: device?.name,
    phasesMs: { ...clock.phases, ...pipelines },
    userMs: userCPUTime / 1000,
    programs: made.programs.map(sizesOf),
    peakRssBytes: maxRSS * 1024,
  };
}

/**
 * Opening both programs and running each once, less the time of a second run: drivers may put compiling off until then.
 * @param {import('../runtime/index.ts').WebGpuDevice} device
 * @param {import('../compiler/index.ts').Compiled} compiled
 * @param {typeof import('../runtime/index.ts')} runtime
 */
async function pipelinesMs(device, { programs, layout }, { BufferSet }) {
  const buffers = new BufferSet(device);
  // WebGPU clears memory when it is first used, which is no part of compiling.
  for (const { name, bytes } of layout.buffers) {
    device.write(buffers.ensure(`weights:${name}`, bytes), 0, new Float32Array(1));
  }
  await device.settled();
  const clock = new Clock();
  const executables = [];
  for (const program of programs) executables.push(await device.open(program, buffers.share('weights:')));
  for (const what of ['first', 'again']) {
    for (const executable of executables) {
      const sizes = Object.fromEntries(executable.program.sizes.map(({ name }) => [name, 1]));
      device.submit((commands) => commands.run(executable, sizes));
    }
    await device.settled();
    clock.done(what);
  }
  const [error] = device.takeErrors();
  if (error !== undefined) throw error;
  return clock.phases.first - clock.phases.again;
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
