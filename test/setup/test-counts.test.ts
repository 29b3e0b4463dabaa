import { describe, expect, it } from 'vitest';
import { countTests, showCounts } from '../../scripts/test-counts.mjs';

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((one) => ({ status: one })),
});

describe('countTests', () => {
  it('counts tests over files, and neither skipped nor planned ones', () => {
    const report = {
      testResults: [file('passed', 'passed', 'passed', 'skipped'), file('failed', 'passed', 'failed', 'todo')],
    };
    expect(showCounts(countTests(report, 1))).toBe('3 passed, 1 failed');
  });

  it('counts a file that did not load, or whose hook failed, as one failure', () => {
    expect(countTests({ testResults: [file('failed')] }, 1)).toEqual({ passed: 0, failed: 1 });
    expect(countTests({ testResults: [file('failed', 'passed')] }, 1)).toEqual({ passed: 1, failed: 1 });
  });

  it('counts a run that failed outside its tests as one failure', () => {
    const report = { testResults: [file('passed', 'passed')] };
    expect(countTests(report, 0)).toEqual({ passed: 1, failed: 0 });
    expect(countTests(report, 1)).toEqual({ passed: 1, failed: 1 });
  });
});
