import { Command } from 'commander';
import { diagnose, type AdapterSummary } from '../../runtime/index.ts';
import type { Diagnosis } from '../../runtime/webgpu/diagnose.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { adapterOption, examples } from '../options.ts';
import { write } from '../output.ts';
import { showBytes } from '../table.ts';

export function doctorCommand({ io, exit }: Context): Command {
  return new Command('doctor')
    .description('Says which adapter is used and whether it computes, and how to mend what is missing.')
    .addOption(adapterOption())
    .option('--json', 'print the findings as JSON')
    .addHelpText('after', examples('ricci doctor', 'ricci doctor --adapter software', 'ricci doctor --json'))
    .action(async ({ adapter, json }: { readonly adapter?: string; readonly json?: boolean }) => {
      const found = await diagnose(adapter === undefined ? {} : { adapter });
      await write(io.stdout, json === true ? `${JSON.stringify(found, null, 2)}\n` : `${showDiagnosis(found)}\n`);
      exit(found.dispatches ? EXIT.ok : EXIT.device);
    });
}

function showDiagnosis({ adapter, dispatches, problem, fix }: Diagnosis): string {
  const dispatch = dispatches ? 'a kernel ran, and its result was read back right' : 'a kernel gave a wrong result';
  return [
    `node      ${process.version} on ${process.platform}-${process.arch}`,
    ...(adapter === undefined ? ['adapter   none'] : [...showAdapter(adapter), `dispatch  ${dispatch}`]),
    problem === undefined ? 'verdict   ready' : `problem   ${problem}`,
    ...(fix === undefined ? [] : [`fix       ${fix}`]),
  ].join('\n');
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
