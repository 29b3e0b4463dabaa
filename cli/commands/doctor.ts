import { Command } from 'commander';
import type { DeviceChoice } from '../../runtime/open.ts';
import type { Context } from '../context.ts';
import { examineDevices, isReady } from '../doctor/findings.ts';
import { findingsJson, showFindings } from '../doctor/show.ts';
import { EXIT } from '../exit-codes.ts';
import { adapterOption, deviceOption, examples, fusedOption, threadsOption } from '../options.ts';
import { write } from '../output.ts';

interface Flags extends DeviceChoice {
  readonly json?: boolean;
}

export function doctorCommand({ io, exit }: Context): Command {
  return new Command('doctor')
    .description('Runs a kernel on the GPU and on the CPU, says which one is used, and how to mend what is missing.')
    .addOption(deviceOption())
    .addOption(adapterOption())
    .addOption(threadsOption())
    .addOption(fusedOption())
    .option('--json', 'print the findings as JSON')
    .addHelpText('after', examples('ricci doctor', 'ricci doctor --adapter software', 'ricci doctor --json'))
    .action(async (flags: Flags) => {
      const found = await examineDevices(io, flags);
      const text = flags.json === true ? JSON.stringify(findingsJson(found), null, 2) : showFindings(found);
      await write(io.stdout, `${text}\n`);
      exit(isReady(found) ? EXIT.ok : EXIT.device);
    });
}
