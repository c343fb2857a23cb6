import { spawn } from 'node:child_process';

import { expect } from 'chai';

import type { WireSummary } from '../../chaos/wire/summary.js';

interface Run {
  code: number | null;
  summary: WireSummary;
  stderr: string;
}

/** Runs the program behind script/chaos --wire. */
async function chaos(...options: string[]): Promise<Run> {
  const child = spawn(process.execPath, ['dist/chaos/wire/main.js', ...options, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (stdout === '') throw new Error(`script/chaos --wire ended with exit code ${code ?? 'none'}:\n${stderr}`);
  return { code, summary: JSON.parse(stdout) as WireSummary, stderr };
}

describe('script/chaos --wire', () => {
  it('finds no violation in a short run', async () => {
    const { code, summary, stderr } = await chaos('--seed', '4', '--seconds', '60');
    expect(code, stderr).to.equal(0);
    expect(new Set(Object.values(summary.violations))).to.deep.equal(new Set([0]));
    expect(summary.casts.succeeded).to.be.at.least(4);
    expect(summary.frames.right).to.be.above(1000);
  });

  it('control: without a quarantine network, it finds that a node reached what the record says it left', async () => {
    const options = ['--seed', '1', '--seconds', '40', '--only', 'switch-away', '--no-quarantine'];
    const { code, summary, stderr } = await chaos(...options);
    expect(code).to.equal(1);
    expect(summary.violations['frames = record']).to.be.above(0);
    expect(summary.violations['pings = record']).to.be.above(0);
    expect(summary.frames.astray - summary.frames.explained).to.be.above(100);
    expect(stderr).to.match(/^VIOLATION \(seed 1\) frames = record: round \d+: node node\d: /m);
    expect(stderr).to.contain(`the same moves and faults again: script/chaos --wire ${options.join(' ')}`);
  });
});
