// Mocha's spec reporter, with stacks that name the lines of the TypeScript files. It also leaves "passed failed skipped" in the
// file that TEST_TOTALS names, and the tests that failed in the one that TEST_FAILURES names: script/test adds the numbers up,
// and lists the failures at its end. When the tests are over and the process does not end, it says what is left open, and ends
// it as timeout(1) would. Mocha loads reporters by require, hence CommonJS.
const { readFileSync, writeFileSync } = require('node:fs');
const { SourceMap } = require('node:module');
const { dirname, relative, resolve } = require('node:path');
const console = require('node:console');
const process = require('node:process');
const { setTimeout } = require('node:timers');
const { reporters } = require('mocha');

/** Milliseconds that a process gets to end when its tests are over, and the exit code of one that did not. */
const TIME_TO_END = 60_000;
const TIMED_OUT = 124;

/** The longest part of an error's text and stack that is listed, in characters. The test's own output has the whole. */
const LONGEST_ERROR = 1500;

/** The place in a line of a stack, when it is in a file that the compiler made. */
const COMPILED_PLACE = /(?:file:\/\/)?([^\s()]*\bdist\/[^\s():]+\.js):(\d+):(\d+)/g;

/**
 * Names the TypeScript files in a stack. Node.js's own --enable-source-maps would do it, but reads the map of every file at its
 * import: a third of the processor time that a file of tests takes to load.
 */
function withSources(stack) {
  return stack.replace(COMPILED_PLACE, (place, file, line, column) => {
    try {
      const map = new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
      const origin = map.findOrigin(Number(line), Number(column));
      return `${relative('', resolve(dirname(file), origin.fileName))}:${origin.lineNumber}:${origin.columnNumber}`;
    } catch {
      // It has no map.
      return place;
    }
  });
}

function nameSources(error) {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each.stack) each.stack = withSources(each.stack);
  }
}

function describe(test, error) {
  const text = String(error.stack ?? error).slice(0, LONGEST_ERROR);
  return `${test.fullTitle()}\n${text.replace(/^/gm, '    ')}\n`;
}

function endLater() {
  // The timer does not keep the process alive itself.
  setTimeout(() => {
    console.error(`the tests left something open: ${process.getActiveResourcesInfo().join(', ')}`);
    process.exit(TIMED_OUT);
  }, TIME_TO_END).unref();
}

module.exports = class Reporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const failed = [];
    runner.on('fail', (test, error) => {
      nameSources(error);
      failed.push(describe(test, error));
    });
    runner.once('end', () => {
      const { passes, failures, pending } = runner.stats;
      if (process.env.TEST_TOTALS) writeFileSync(process.env.TEST_TOTALS, `${passes} ${failures} ${pending}\n`);
      if (process.env.TEST_FAILURES) writeFileSync(process.env.TEST_FAILURES, failed.join(''));
      endLater();
    });
  }
};
