// Mocha's spec reporter, which also leaves "passed failed skipped" in the file that TEST_TOTALS names: script/test adds
// them up. When the tests are over and the process does not end, it says what is left open, and ends it as timeout(1)
// would. Mocha loads reporters by require, hence CommonJS.
const { writeFileSync } = require('node:fs');
const console = require('node:console');
const process = require('node:process');
const { setTimeout } = require('node:timers');
const { reporters } = require('mocha');

/** Milliseconds that a process gets to end when its tests are over, and the exit code of one that did not. */
const TIME_TO_END = 60_000;
const TIMED_OUT = 124;

module.exports = class TotalsReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, failures, pending } = runner.stats;
      writeFileSync(process.env.TEST_TOTALS, `${passes} ${failures} ${pending}\n`);
      // It does not keep the process alive itself.
      setTimeout(() => {
        console.error(`the tests left something open: ${process.getActiveResourcesInfo().join(', ')}`);
        process.exit(TIMED_OUT);
      }, TIME_TO_END).unref();
    });
  }
};
