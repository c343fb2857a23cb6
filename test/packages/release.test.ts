import { spawnSync } from 'node:child_process';

import { expect } from 'chai';

import { version } from '../../src/version.js';

describe('script/release --check', () => {
  it('names everything that has another version', () => {
    const { status, stderr } = spawnSync('script/release', ['--check', '99.0.0'], { encoding: 'utf8' });
    expect(status).to.equal(1);
    for (const place of ['package.json', 'package-lock.json', 'ironic/ironic_netprov/__init__.py']) {
      expect(stderr).to.contain(`the version in ${place} is ${version}, not 99.0.0\n`);
    }
    expect(stderr).to.contain('not "## 99.0.0 (YYYY-MM-DD)"\n').and.to.contain('this is not the release 99.0.0\n');
  });

  it('takes nothing for a version that is none', () => {
    const { status, stderr } = spawnSync('script/release', ['next'], { encoding: 'utf8' });
    expect({ status, usage: stderr.startsWith('Usage: script/release') }).to.deep.equal({ status: 2, usage: true });
  });
});
