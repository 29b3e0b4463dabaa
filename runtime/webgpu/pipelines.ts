import { codeOnly } from '../../compiler/program.ts';
import { RicciError, showPlace, type Place } from '../../dsl/errors.ts';

/** What decides a pipeline: its code, and how each binding is accessed. */
export interface PipelineKey {
  readonly code: string;
  readonly access: readonly ('read' | 'write')[];
}

export interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** Pipelines of a device by code: equal kernels of different layers and programs are compiled once. */
export class PipelineCache {
  readonly #device: GPUDevice;
  readonly #made = new Map<string, Promise<Pipeline>>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** How many pipelines were ever made; generating must not change it. */
  get size(): number {
    return this.#made.size;
  }

  /** @throws `runtime/wgsl` with the line of the user's program that the kernel came from. */
  get(key: PipelineKey, place: Place | undefined): Promise<Pipeline> {
    const name = `${key.access.join()}|${codeOnly(key.code)}`;
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const made = this.#make(key, place);
    this.#made.set(name, made);
    return made;
  }

  async #make(key: PipelineKey, place: Place | undefined): Promise<Pipeline> {
    const layout = this.#device.createBindGroupLayout({ entries: layoutEntries(key.access) });
    const module = this.#device.createShaderModule({ code: key.code });
    const info = await module.getCompilationInfo();
    const errors = info.messages.filter((m) => m.type === 'error');
    if (errors.length > 0) throw wgslError(errors, key.code, place);
    const pipeline = await this.#device.createComputePipelineAsync({
      layout: this.#device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: 'main' },
    });
    return { pipeline, layout };
  }
}

function layoutEntries(access: readonly ('read' | 'write')[]): GPUBindGroupLayoutEntry[] {
  const uniform: GPUBindGroupLayoutEntry = {
    binding: 0, visibility: GPUShaderStage.COMPUTE, buffer: { type: 'uniform' },
  };
  return [uniform, ...access.map((a, i): GPUBindGroupLayoutEntry => ({
    binding: i + 1,
    visibility: GPUShaderStage.COMPUTE,
    buffer: { type: a === 'read' ? 'read-only-storage' : 'storage' },
  }))];
}

function wgslError(errors: readonly GPUCompilationMessage[], code: string, place: Place | undefined): RicciError {
  const lines = code.split('\n');
  const shown = errors.slice(0, 3).map((e) => `${e.message}\n    ${e.lineNum} | ${lines[e.lineNum - 1] ?? ''}`);
  return new RicciError({
    code: 'runtime/wgsl',
    message:
      `The driver refused a kernel${place === undefined ? '' : ` made from ${showPlace(place)}`}: ` +
      `${shown.join('\n  ')}`,
    hint: 'This is a fault of the compiler: please report it with the program.',
    place,
  });
}
