/**
 * @typedef {object} FileResult what vitest's JSON reporter says of one file
 * @property {string} status @property {readonly { status: string }[]} assertionResults
 * @typedef {{ passed: number, failed: number }} Counts
 */

/**
 * Counts tests. A file that failed before or beside its tests (it did not load, a hook threw) counts as one failure:
 * otherwise a broken file would read as "0 failed". So does a run that failed outside its tests, such as by a crash.
 * @param {{ testResults: readonly FileResult[] }} report @param {number} exitCode vitest's own @returns {Counts}
 */
export function countTests(report, exitCode) {
  let passed = 0;
  let failed = 0;
  for (const file of report.testResults) {
    const count = (status) => file.assertionResults.filter((test) => test.status === status).length;
    passed += count('passed');
    failed += file.status === 'failed' ? Math.max(1, count('failed')) : count('failed');
  }
  return { passed, failed: exitCode === 0 ? failed : Math.max(1, failed) };
}

/** @param {Counts} counts */
export const showCounts = ({ passed, failed }) => `${passed} passed, ${failed} failed`;
