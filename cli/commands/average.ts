import { Command } from 'commander';
import type { Context } from '../context.ts';
import { examples } from '../options.ts';
import { write } from '../output.ts';

export function averageCommand({ io }: Context): Command {
  return new Command('average')
    .description(
      'Writes the checkpoint whose weights are the means of several\'s. Those of one training are often better ' +
        'together than each of them: `evaluate` says whether they are.',
    )
    .argument('<checkpoints...>', 'their folders')
    .requiredOption('--out <folder>', 'where the checkpoint goes')
    .addHelpText('after', examples('ricci average runs/shakespeare/step-00003[0-9]* --out runs/averaged'))
    .action(async (folders: readonly string[], { out }: { readonly out: string }) => {
      const { averageCheckpoints } = await import('../../models/pldr/average-checkpoints.ts');
      await averageCheckpoints(folders, out);
      await write(io.stdout, `the mean of ${folders.length} checkpoints is in ${out}\n`);
    });
}
