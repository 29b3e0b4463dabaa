import type { Bench } from './bench.ts';
import type { Case, SuiteName } from './case.ts';
import { kernelSuite } from './kernels/suite.ts';
import type { BenchModel } from './models/bench-model.ts';
import { compileSuite } from './models/compile.ts';
import { decodeSuite } from './models/decode.ts';
import { firstTokenSuite } from './models/first-token.ts';
import { loadSuite } from './models/load.ts';
import { prefillSuite } from './models/prefill.ts';
import { trainSuite } from './models/train.ts';

/** The cases of a suite on a device. @param model undefined where no suite needs one */
export function casesOf(suite: SuiteName, bench: Bench, model: BenchModel | undefined): readonly Case[] {
  if (suite === 'kernels') return kernelSuite(bench);
  if (model === undefined) throw new Error(`bench: the suite ${suite} needs a model`);
  switch (suite) {
    case 'decode': return decodeSuite(model);
    case 'prefill': return prefillSuite(model);
    case 'ttft': return firstTokenSuite(model);
    case 'compile': return compileSuite(model);
    case 'load': return loadSuite(model);
    case 'train': return trainSuite(model);
  }
}
