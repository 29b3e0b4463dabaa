import { expect, test } from 'vitest';
import { KernelCheck } from '../../cli/tune/kernel-check.ts';
import { modelSubject } from '../../cli/tune/model-subject.ts';
import { make } from '../../cli/tune/subject.ts';
import { candidates } from '../../compiler/tune/candidates.ts';
import { loadConfig } from '../../models/pldr/index.ts';
import { caseFolder } from '../pldr/fixtures.ts';
import { onEveryDevice } from '../support/every-device.ts';

onEveryDevice((device) => {
  test.each(['f32', 'int8'] as const)(
    'each kernel of a model with weights in %s is right alone, by the device\'s schedule and by a candidate',
    async (weights) => {
      const config = await loadConfig(`${caseFolder('v51-small')}/config.json`);
      const subject = modelSubject(device(), config, { hasHead: true, weights, variant: undefined, prompt: 5 });
      const kinds = new Map(subject.sources.flatMap((source) => make(subject, source, {}).kinds.flat())
        .map((kind) => [kind.root.key, kind]));
      for (const kind of kinds.values()) {
        const check = new KernelCheck(device(), kind, subject.target);
        try {
          expect(await check.problem({})).toBeUndefined();
          const [first] = candidates(kind, subject.target);
          if (first !== undefined) expect(await check.problem(first)).toBeUndefined();
        } finally {
          check.close();
        }
      }
    },
  );
});
