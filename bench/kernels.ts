// Times single kernels on the CPU device, after comparing each with the same sums in double precision:
//   npx tsx bench/kernels.ts [--threads 1,2] [--seconds 1] [--fused]
import { parseArgs } from 'node:util';
import { openCpu } from '../runtime/index.ts';
import { setUpEngine } from '../scripts/engine.mjs';
import { computes, matmul, matvec, rates, rowwise } from './kernel-cases.ts';
import { spread } from './statistics.ts';

const { values } = parseArgs({ options: {
  threads: { type: 'string', default: '1,2' }, seconds: { type: 'string', default: '1' },
  fused: { type: 'boolean', default: false },
} });
setUpEngine(); // as the command does
for (const threads of values.threads.split(',').map(Number)) {
  const device = await openCpu({ threads, fused: values.fused });
  console.log(`${device.name}; median (min … max)`);
  for (const c of [matvec(4096), matmul(512), matmul(1024), ...rowwise()]) {
    const measured = spread(await rates(device, c, Number(values.seconds)), 1);
    console.log(`  ${c.name.padEnd(22)} ${measured.padEnd(24)} ${computes(c) ? 'GFLOP/s' : 'GB/s'}`);
  }
  device.close();
}
