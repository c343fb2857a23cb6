import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';
import typescript from 'typescript';

const SOURCE = `
declare const it: (name: string, run: () => void) => void;
interface Unused { of: 'types' }

it('passes', () => undefined);
it('fails', () => {
  throw new Error('as it should');
});
`;

describe('the reporter of the tests', () => {
  const folder = mkdtempSync(join(tmpdir(), 'netprov-reporter-'));
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('names the lines of TypeScript, and leaves counts and failures', () => {
    mkdirSync(join(folder, 'dist'));
    const compilerOptions = { sourceMap: true, target: typescript.ScriptTarget.ES2022 };
    const { outputText, sourceMapText } = typescript.transpileModule(SOURCE, {
      compilerOptions,
      fileName: 'own.test.ts',
    });
    writeFileSync(join(folder, 'dist/own.test.js'), outputText);
    writeFileSync(join(folder, 'dist/own.test.js.map'), sourceMapText ?? '');
    const env = { ...process.env, TEST_TOTALS: join(folder, 'totals'), TEST_FAILURES: join(folder, 'failures') };
    const { status, stdout } = spawnSync('node_modules/.bin/mocha', [join(folder, 'dist/own.test.js')], {
      env,
      encoding: 'utf8',
    });
    expect(status).to.equal(1);
    expect(stdout).to.match(/Error: as it should\s+at .*own\.test\.ts:7:9/);
    expect(readFileSync(join(folder, 'totals'), 'utf8')).to.equal('1 1 0\n');
    expect(readFileSync(join(folder, 'failures'), 'utf8')).to.match(
      /^fails\n {4}Error: as it should\n.*own\.test\.ts:7:9/,
    );
  });
});
