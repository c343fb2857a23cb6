/**
 * Keeps what became of the tests of a suite, for docs/compatibility.md. script/test runs it:
 * record.js FOLDER PLACE SUITE whole|some FILE=PASSED/FAILED..., with lines PACKAGE=VERSION on standard input.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';

import type { SuiteRecord } from './compatibility.js';

function main([folder = '', place = '', suite = '', how = '', ...counts]: readonly string[]): void {
  const path = join(folder, `${place}-${suite}.json`);
  const before = how === 'some' && existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as SuiteRecord) : null;
  const ran = counts.map((count) => {
    const [name = '', passed = '0', failed = '0'] = count.split(/[=/]/);
    return [name, { passed: Number(passed), failed: Number(failed) }] as const;
  });
  const files = Object.entries({ ...before?.files, ...Object.fromEntries(ran) });
  const packages = readFileSync(0, 'utf8').trim().split('\n');
  const record: SuiteRecord = {
    place,
    suite,
    date: new Date().toISOString().slice(0, 10),
    files: Object.fromEntries(files.sort(([one], [other]) => one.localeCompare(other))),
    packages: Object.fromEntries(packages.map((line) => line.split('=') as [string, string])),
    ...(before?.notes && { notes: before.notes }),
  };
  writeFileSync(path, `${JSON.stringify(record, null, 2)}\n`);
}

main(argv.slice(2));
