// Mocha's spec reporter, which also leaves "passed failed skipped" in the file that TEST_TOTALS names: script/test adds
// them up. Mocha loads reporters by require, hence CommonJS.
const { writeFileSync } = require('node:fs');
const { reporters } = require('mocha');

module.exports = class TotalsReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, failures, pending } = runner.stats;
      writeFileSync(process.env.TEST_TOTALS, `${passes} ${failures} ${pending}\n`);
    });
  }
};
