// Asks every law of the code that it stands beside, and prints the names of those that hold and of those that do not:
//   npx tsx test/faults/ask-laws.ts
import { openCpu } from '../../runtime/index.ts';
import { head, modelGraph, PldrModel } from '../../models/pldr/index.ts';
import { smallConfig } from '../../verify/arbitraries/configs.ts';
import { interpretedModel, LAWS, runLaws, verifyCaches } from '../../verify/index.ts';
import { caseFolder } from '../pldr/fixtures.ts';
import { openOracle, tolerance } from '../pldr/reference/oracle.ts';
import { RUNS } from '../pldr/reference/runs.ts';

/** Whether a law holds; one that cannot be asked any more does not. */
type Asked = Readonly<Record<string, boolean>>;

const CASE = 'v51-small';

async function askAll(): Promise<Asked> {
  const device = await openCpu({ threads: 1 });
  const model = await PldrModel.load(caseFolder(CASE), device);
  const asked = {
    'any caches': attempt(() => checkDeclaration()),
    ...await lawsOf(model),
    'authors’ numbers': await attemptAsync(() => checkReference(model)),
  };
  model.close();
  device.close();
  return asked;
}

/** In the interpreter, for random weights and texts. */
function checkDeclaration(): void {
  const config = smallConfig({ heads: 2, hiddenSize: 8 });
  const { axes, decoded } = modelGraph(config, { batch: 1 });
  verifyCaches({ output: head(decoded.hidden, axes, config), pos: axes.Pos }, { runs: 10, positions: 5, seed: 1 });
}

async function lawsOf(model: PldrModel): Promise<Asked> {
  const prompts = [[5, 9, 14, 7, 21, 3], [8, 30], [11, 4, 4]];
  const interpreted = await interpretedModel(model.checkpoint);
  const asked: Record<string, boolean> = {};
  for (const law of LAWS) {
    asked[law.name] = await attemptAsync(async () => {
      const [result] = await runLaws({ model, interpreted, prompts, steps: 5 }, undefined, [law]);
      if (!result.holds) throw new Error(`${law.name}: ${result.largest} is above ${result.bound}`);
    });
  }
  return asked;
}

/** A prompt's pass against the authors' code in double precision. */
async function checkReference(model: PldrModel): Promise<void> {
  const oracle = await openOracle(CASE);
  const [onePrompt] = RUNS;
  const { tensors } = await onePrompt.compute(model, oracle);
  for (const [entry, { data }] of [...oracle.tensors].filter(([name]) => onePrompt.entries.test(name))) {
    const worst = data.reduce((top, v, i) => Math.max(top, Math.abs(tensors[entry].data[i] - v)), 0);
    if (!(worst <= tolerance(oracle, entry))) throw new Error(`${entry} differs by ${worst}`);
  }
}

function attempt(check: () => void): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}

const attemptAsync = (check: () => Promise<void>): Promise<boolean> => check().then(() => true, () => false);

process.stdout.write(`${JSON.stringify(await askAll())}\n`);
