import { Command } from 'commander';
import { adapterFix } from '../../runtime/webgpu/device.ts';
import { listAdapters, type AdapterSummary } from '../../runtime/index.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { examples } from '../options.ts';
import { write } from '../output.ts';
import { showBytes, showTable } from '../table.ts';

export function devicesCommand({ io, exit }: Context): Command {
  return new Command('devices')
    .description('Lists the adapters that Ricci can run on.')
    .option('--json', 'print everything known about them as JSON')
    .addHelpText(
      'after',
      examples('ricci devices', 'ricci devices --json', 'ricci generate --adapter llvmpipe "The king"'),
    )
    .action(async ({ json }: { readonly json?: boolean }) => {
      const adapters = await listAdapters();
      await write(io.stdout, json === true ? `${JSON.stringify(adapters, null, 2)}\n` : `${showAdapters(adapters)}\n`);
      if (adapters.length === 0) exit(EXIT.device);
    });
}

function showAdapters(adapters: readonly AdapterSummary[]): string {
  if (adapters.length === 0) return `No adapter was found.\n${adapterFix()}`;
  const rows = adapters.map((a) => [
    a.name,
    a.backend,
    a.software ? 'software' : 'hardware',
    a.subgroupSize === undefined ? '-' : subgroupText(a.subgroupSize),
    showBytes(a.limits['maxStorageBufferBindingSize'] ?? 0),
    a.driver,
  ]);
  const titles = ['adapter', 'backend', 'kind', 'subgroup', 'largest binding', 'driver'];
  return showTable(
    titles.map((title) => ({ title })),
    rows,
  );
}

const subgroupText = ({ min, max }: { readonly min: number; readonly max: number }): string =>
  min === max ? `${min}` : `${min} to ${max}`;
