import { expect } from 'chai';

import { notesOf, recordOf, type SuiteRecord, type SuiteRun } from '../../docs/generate/suite-record.js';

const PACKAGES = { 'rabbitmq-server': '4.0.5', node: '20.19.2' };
const good = { passed: 3, failed: 0 };
const run: SuiteRun = {
  place: 'trixie',
  suite: 'interop',
  date: '2026-11-30',
  packages: PACKAGES,
  counts: { conductor: { passed: 8, failed: 1 } },
  all: ['conductor', 'crash', 'doctor', 'tracing'],
};
const before: SuiteRecord = {
  place: 'trixie',
  suite: 'interop',
  date: '2026-11-29',
  files: { conductor: good, doctor: { ...good, date: '2026-11-28' }, gone: good, tracing: good },
  packages: PACKAGES,
  notes: ['a remark.'],
};

describe('the record of a suite', () => {
  it('keeps what other files did, with their days, and forgets files that are no longer there', () => {
    const { files, notTried, date, notes } = recordOf(run, before);
    expect(files).to.deep.equal({
      conductor: { passed: 8, failed: 1 },
      doctor: { ...good, date: '2026-11-28' },
      tracing: { ...good, date: '2026-11-29' },
    });
    expect({ notTried, date, notes }).to.deep.equal({ notTried: ['crash'], date: '2026-11-30', notes: ['a remark.'] });
  });

  it('does not take together what ran on other versions', () => {
    for (const packages of [{ ...PACKAGES, node: '24.1.0' }, { node: '20.19.2' }]) {
      const { files, notTried } = recordOf(run, { ...before, packages });
      expect(Object.keys(files)).to.deep.equal(['conductor']);
      expect(notTried).to.deep.equal(['crash', 'doctor', 'tracing']);
    }
  });

  it('keeps several files that were counted together, and then does not know which were not tried', () => {
    const record = recordOf(run, { ...before, files: { '2 other files': good } });
    expect(record.files)
      .to.have.property('2 other files')
      .that.deep.equals({ ...good, date: '2026-11-29' });
    expect(record).not.to.have.property('notTried');
  });

  it('has no files that were not tried where the suite runs in one piece', () => {
    expect(recordOf({ ...run, suite: 'unit', counts: { all: good }, all: [] }, null)).to.deep.equal({
      place: 'trixie',
      suite: 'unit',
      date: '2026-11-30',
      files: { all: good },
      packages: PACKAGES,
    });
  });

  it('says which files did not run, ran on another day, and failed, before its own notes', () => {
    expect(notesOf(recordOf(run, before))).to.deep.equal([
      '3 of 4 files ran. Not tried: `crash`.',
      'on 2026-11-28 ran `doctor`.',
      'on 2026-11-29 ran `tracing`.',
      'failed in `conductor`.',
      'a remark.',
    ]);
    expect(notesOf({ ...before, files: { all: good } })).to.deep.equal(['a remark.']);
  });
});
