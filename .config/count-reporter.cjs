/**
 * Mocha's usual report, and the counts appended to the file that NODEPOOL_TEST_COUNTS names:
 * `passed failed skipped`, one line a mocha run. For .ci/run.
 */
const { appendFileSync } = require('node:fs');
const { Spec } = require('mocha').reporters;

class CountReporter extends Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, failures, pending } = runner.stats;
      const file = process.env.NODEPOOL_TEST_COUNTS;
      if (file) appendFileSync(file, `${passes} ${failures} ${pending}\n`);
    });
  }
}

module.exports = CountReporter;
