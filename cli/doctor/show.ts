import type { AdapterSummary } from '../../runtime/index.ts';
import type { Diagnosis } from '../../runtime/webgpu/diagnose.ts';
import { showBytes } from '../table.ts';
import { autoDevice, isReady, type CpuFindings, type Findings } from './findings.ts';

/** The findings as lines, each with its subject before it. */
export function showFindings(findings: Findings): string {
  const { webgpu, cpu } = findings;
  return [
    `node      ${process.version} on ${process.platform}-${process.arch}`,
    ...(webgpu === undefined ? [] : showWebGpu(webgpu, isReady(findings))),
    ...(cpu === undefined ? [] : showCpu(cpu)),
    ...(isReady(findings) ? [`verdict   ${verdict(findings)}`] : []),
  ].join('\n');
}

/** The same as plain data: WebGPU's findings as they are, and the others beside them. */
export const findingsJson = (findings: Findings): Readonly<Record<string, unknown>> => ({
  ...findings.webgpu,
  ...(findings.cpu === undefined ? {} : { cpu: findings.cpu }),
  ...(autoDevice(findings) === undefined ? {} : { auto: autoDevice(findings) }),
  ready: isReady(findings),
});

const RIGHT = 'a kernel ran, and its result was read back right';

/** Having no adapter is no problem where the CPU computes. */
function showWebGpu({ adapter, dispatches, problem, fix }: Diagnosis, ready: boolean): readonly string[] {
  if (adapter === undefined && ready) return [`adapter   none. ${[problem, fix].filter(Boolean).join(' ')}`];
  const dispatch = dispatches ? RIGHT : 'a kernel gave a wrong result';
  return [
    ...(adapter === undefined ? ['adapter   none'] : [...showAdapter(adapter), `dispatch  ${dispatch}`]),
    ...(problem === undefined ? [] : [`problem   ${problem}`]),
    ...(fix === undefined ? [] : [`fix       ${fix}`]),
  ];
}

function showCpu({ name, simd, threads, computes, problem }: CpuFindings): readonly string[] {
  const vectors = simd ? 'WebAssembly SIMD' : 'no WebAssembly SIMD';
  const parallel = `${threads} thread${threads === 1 ? '' : 's'}`;
  return [`cpu       ${[name, vectors, parallel].join(' · ')}`, `kernel    ${computes ? RIGHT : problem}`];
}

function verdict(findings: Findings): string {
  const auto = autoDevice(findings);
  if (auto === undefined) return 'ready';
  const works = auto === 'cpu' ? findings.cpu?.computes : findings.webgpu?.dispatches;
  const taken = auto === 'cpu' ? 'the CPU' : 'the GPU';
  if (works === true) return `ready: \`--device auto\` takes ${taken}`;
  return `ready with \`--device ${auto === 'cpu' ? 'webgpu' : 'cpu'}\`; auto takes ${taken}, which does not compute`;
}

/** Optional features of which kernels make use. */
const FEATURES = ['subgroups', 'shader-f16', 'timestamp-query'];

function showAdapter(adapter: AdapterSummary): readonly string[] {
  const { name, driver, backend, software, subgroupSize: lanes } = adapter;
  const features = FEATURES.map((feature) => `${feature}: ${adapter.features.includes(feature) ? 'yes' : 'no'}`);
  const subgroup =
    lanes === undefined ? [] : [`subgroups of ${[...new Set([lanes.min, lanes.max])].join(' to ')} lanes`];
  const limit = (key: string): number => adapter.limits[key] ?? 0;
  const limits = [
    `${limit('maxStorageBuffersPerShaderStage')} storage buffers per kernel`,
    `bindings of ${showBytes(limit('maxStorageBufferBindingSize'))}`,
    `buffers of ${showBytes(limit('maxBufferSize'))}`,
    `${limit('maxComputeInvocationsPerWorkgroup')} threads per workgroup`,
    ...subgroup,
  ];
  const kind = software ? 'software: runs on the CPU' : 'hardware';
  return [
    `adapter   ${[name, driver, backend, kind].filter((part) => part !== '').join(' · ')}`,
    `features  ${features.join(' · ')}`,
    `limits    ${limits.join(' · ')}`,
  ];
}
