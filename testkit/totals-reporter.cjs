// Mocha's spec reporter. It also leaves "passed failed skipped" in the file that TEST_TOTALS names, and the tests that
// failed in the one that TEST_FAILURES names: script/test adds the numbers up, and lists the failures at its end. When the
// tests are over and the process does not end, it says what is left open, and ends it as timeout(1) would. Mocha loads
// reporters by require, hence CommonJS.
const { writeFileSync } = require('node:fs');
const console = require('node:console');
const process = require('node:process');
const { setTimeout } = require('node:timers');
const { reporters } = require('mocha');

/** Milliseconds that a process gets to end when its tests are over, and the exit code of one that did not. */
const TIME_TO_END = 60_000;
const TIMED_OUT = 124;

/** The longest part of an error's text and stack that is listed, in characters. The test's own output has the whole. */
const LONGEST_ERROR = 1500;

function describe(test, error) {
  const text = String(error.stack ?? error).slice(0, LONGEST_ERROR);
  return `${test.fullTitle()}\n${text.replace(/^/gm, '    ')}\n`;
}

module.exports = class TotalsReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const failed = [];
    runner.on('fail', (test, error) => failed.push(describe(test, error)));
    runner.once('end', () => {
      const { passes, failures, pending } = runner.stats;
      writeFileSync(process.env.TEST_TOTALS, `${passes} ${failures} ${pending}\n`);
      writeFileSync(process.env.TEST_FAILURES, failed.join(''));
      // It does not keep the process alive itself.
      setTimeout(() => {
        console.error(`the tests left something open: ${process.getActiveResourcesInfo().join(', ')}`);
        process.exit(TIMED_OUT);
      }, TIME_TO_END).unref();
    });
  }
};
