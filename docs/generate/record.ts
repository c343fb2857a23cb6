/**
 * Keeps what became of the tests of a suite, for docs/compatibility.md. script/test runs it:
 * record.js FOLDER PLACE SUITE whole|some FILE=PASSED/FAILED..., with lines PACKAGE=VERSION on standard input.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';

import { format, resolveConfig } from 'prettier';

import { recordOf, type SuiteRecord } from './suite-record.js';

const TESTS = new URL('../../../test/', import.meta.url);
const TEST_FILE = '.test.ts';

/** The names under which script/test counts a suite: its test files, and step-by-step, which runs some of them again. */
function filesOf(suite: string, counts: readonly string[]): string[] {
  if (counts.every((name) => name === 'all')) return [];
  const names = readdirSync(new URL(suite, TESTS)).filter((name) => name.endsWith(TEST_FILE));
  const again = suite === 'integration' ? ['step-by-step'] : [];
  return [...names.map((name) => name.slice(0, -TEST_FILE.length)), ...again];
}

async function main([folder = '', place = '', suite = '', how = '', ...ran]: readonly string[]): Promise<void> {
  const path = join(folder, `${place}-${suite}.json`);
  const before = how === 'some' && existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as SuiteRecord) : null;
  const counts = Object.fromEntries(
    ran.map((count) => {
      const [name = '', passed = '0', failed = '0'] = count.split(/[=/]/);
      return [name, { passed: Number(passed), failed: Number(failed) }];
    }),
  );
  const packages = readFileSync(0, 'utf8').trim().split('\n');
  const run = {
    place,
    suite,
    date: new Date().toISOString().slice(0, 10),
    counts,
    all: filesOf(suite, Object.keys(counts)),
    packages: Object.fromEntries(packages.map((line) => line.split('=') as [string, string])),
  };
  const text = JSON.stringify(recordOf(run, before), null, 2);
  writeFileSync(path, await format(text, { ...(await resolveConfig(import.meta.filename)), parser: 'json' }));
}

await main(argv.slice(2));
