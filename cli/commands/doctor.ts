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
  return [
    `node      ${process.version} on ${process.platform}-${process.arch}`,
    ...(adapter === undefined ? ['adapter   none'] : showAdapter(adapter)),
    ...(adapter === undefined ? [] : [`dispatch  ${dispatches ? 'a kernel ran, and its result was read back right' : 'a kernel gave a wrong result'}`]),
    ...(problem === undefined ? ['verdict   ready'] : [`problem   ${problem}`]),
    ...(fix === undefined ? [] : [`fix       ${fix}`]),
  ].join('\n');
}

/** Optional features of which kernels make use. */
const FEATURES = ['subgroups', 'shader-f16', 'timestamp-query'];

function showAdapter({ name, driver, backend, software, features, limits, subgroupSize }: AdapterSummary): readonly string[] {
  const limit = (key: string): number => limits[key] ?? 0;
  const lanes = subgroupSize === undefined ? '' : ` (${[...new Set([subgroupSize.min, subgroupSize.max])].join(' to ')} lanes)`;
  return [
    `adapter   ${name}${driver === '' ? '' : ` · ${driver}`} · ${backend} · ${software ? 'software: runs on the CPU' : 'hardware'}`,
    `features  ${FEATURES.map((f) => `${f}: ${features.includes(f) ? 'yes' : 'no'}${f === 'subgroups' ? lanes : ''}`).join(' · ')}`,
    `limits    ${limit('maxStorageBuffersPerShaderStage')} storage buffers per kernel · bindings of ${showBytes(limit('maxStorageBufferBindingSize'))}`
      + ` · buffers of ${showBytes(limit('maxBufferSize'))} · ${limit('maxComputeInvocationsPerWorkgroup')} threads per workgroup`,
  ];
}
