import { Command } from 'commander';
import { CPU_TARGET } from '../../compiler/index.ts';
import { describeCpu, type AdapterSummary, type CpuSummary } from '../../runtime/index.ts';
import { adapterFix } from '../../runtime/webgpu/device.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { examples } from '../options.ts';
import { write } from '../output.ts';
import { showBytes, showTable } from '../table.ts';

export function devicesCommand({ io, exit }: Context): Command {
  return new Command('devices')
    .description('Lists what Ricci can run on: adapters of WebGPU, and the CPU.')
    .option('--json', 'print everything known about them as JSON')
    .addHelpText(
      'after',
      examples(
        'ricci devices',
        'ricci devices --json',
        'ricci generate --adapter llvmpipe "The king"',
        'ricci generate --device cpu "The king"',
      ),
    )
    .action(async ({ json }: { readonly json?: boolean }) => {
      const [adapters, cpu] = [await adaptersOf(io), await describeCpu()];
      await write(io.stdout, json === true ? asJson(adapters, cpu) : `${showDevices(adapters, cpu)}\n`);
      if (adapters.length === 0 && !cpu.simd) exit(EXIT.device);
    });
}

/** Where WebGPU itself is missing there are none. */
const adaptersOf = (io: Io): Promise<readonly AdapterSummary[]> => io.listAdapters().catch(() => []);

const kindOf = ({ software }: AdapterSummary): string => (software ? 'software' : 'hardware');

function asJson(adapters: readonly AdapterSummary[], cpu: CpuSummary): string {
  const all = [
    ...adapters.map((a) => ({ device: 'webgpu', kind: kindOf(a), ...a })),
    { device: 'cpu', ...cpu },
  ];
  return `${JSON.stringify(all, null, 2)}\n`;
}

const TITLES = ['name', 'kind', 'backend', 'parallel', 'largest binding', 'driver'];

function showDevices(adapters: readonly AdapterSummary[], cpu: CpuSummary): string {
  const rows = adapters.map((a) => [
    a.name,
    kindOf(a),
    a.backend,
    a.subgroupSize === undefined ? '-' : `subgroups of ${lanes(a.subgroupSize)}`,
    showBytes(a.limits['maxStorageBufferBindingSize'] ?? 0),
    a.driver,
  ]);
  const table = showTable(TITLES.map((title) => ({ title })), [...rows, cpuRow(cpu)]);
  return adapters.length > 0 ? table : `${table}\n\nNo adapter of WebGPU was found. ${adapterFix()}`;
}

function cpuRow({ name, kind, simd, threads }: CpuSummary): readonly string[] {
  const backend = simd ? 'WebAssembly SIMD' : 'no WebAssembly SIMD, so it cannot be used';
  return [name, kind, backend, `${threads} thread${threads === 1 ? '' : 's'}`, showBytes(CPU_TARGET.bindingBytes), '-'];
}

const lanes = ({ min, max }: { readonly min: number; readonly max: number }): string =>
  min === max ? `${min}` : `${min} to ${max}`;
