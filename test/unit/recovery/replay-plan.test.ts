import { expect } from 'chai';

import { NO_ARGUMENTS } from '../../../src/contract/arguments.js';
import { type MethodName, METHODS, onlyAsks } from '../../../src/contract/methods.js';
import {
  aspectOf,
  type Decision,
  type JournalEntry,
  type PlanOptions,
  planReplay,
} from '../../../src/recovery/replay-plan.js';

const ALL: PlanOptions = {
  end: Infinity,
  oldest: 0,
  filter: () => true,
  failedOnly: false,
  latestPerNode: false,
  force: false,
};
const ENDED = { status: 'succeeded', id: '2026-01-31T14:00:00.000000Z', finishedAt: '2026-01-31T14:00:00.000000Z' };
const FAILED = { ...ENDED, status: 'failed' };

type Given = [method: MethodName, more?: Partial<JournalEntry>];

/** A journal of one node, unless told otherwise. */
function journal(...given: Given[]): JournalEntry[] {
  return given.map(([method, more], offset) => ({
    offset,
    queue: 'topic.host',
    id: `op-${offset}`,
    node: 'node-1',
    method,
    aspect: aspectOf(method, NO_ARGUMENTS),
    problem: null,
    changes: !onlyAsks(method),
    ended: null,
    ...more,
  }));
}

/** What is decided, one word an entry. */
function words(entries: JournalEntry[], options: Partial<PlanOptions> = {}): string[] {
  return planReplay(entries, { ...ALL, ...options }).map(
    ({ skip, again }: Decision) => skip ?? (again ? 'again' : 'replay'),
  );
}

describe('the plan of a replay', () => {
  it('replays unfinished requests in order, and skips finished ones', () => {
    const entries = journal(
      ['add_cleaning_network', { ended: ENDED }],
      ['remove_cleaning_network', { ended: FAILED }],
      ['add_provisioning_network'],
      ['remove_provisioning_network'],
    );
    expect(words(entries)).to.deep.equal(['finished', 'finished', 'replay', 'replay']);
    expect(planReplay(entries, ALL).map(({ entry }) => entry.offset)).to.deep.equal([0, 1, 2, 3]);
  });

  it('never replays queries, unreadable entries or repeats', () => {
    const entries = journal(
      ['vif_list'],
      ['add_cleaning_network', { problem: 'not_json: the body is not JSON', id: null, node: null }],
      ['add_cleaning_network', { id: 'twice' }],
      ['add_cleaning_network', { id: 'twice' }],
    );
    const wanted = ['only asks', 'unreadable', 'replay', 'repeat'];
    expect(words(entries)).to.deep.equal(wanted);
    expect(words(entries, { force: true })).to.deep.equal(wanted);
  });

  it('does not move a node back behind later finished requests, unless forced', () => {
    const entries = journal(
      ['add_provisioning_network'],
      ['add_provisioning_network', { node: 'node-2' }],
      ['remove_provisioning_network', { ended: ENDED }],
      ['add_cleaning_network'],
    );
    expect(words(entries)).to.deep.equal(['superseded', 'replay', 'finished', 'replay']);
    expect(words(entries, { force: true })).to.deep.equal(['replay', 'replay', 'again', 'replay']);
  });

  it('takes later requests into account, even after --to and outside the filter', () => {
    const entries = journal(
      ['add_cleaning_network'],
      ['vif_list', { ended: ENDED }],
      ['remove_cleaning_network', { ended: ENDED }],
    );
    expect(words(entries, { end: 1 })).to.deep.equal(['superseded']);
    const filter = ({ method }: JournalEntry): boolean => method === 'add_cleaning_network';
    expect(words(entries, { filter })).to.deep.equal(['superseded']);
    expect(words(entries.slice(0, 2), { filter })).to.deep.equal(['replay']);
  });

  it('does not mistake a repeat of an earlier request for a later one', () => {
    const entries = journal(
      ['add_cleaning_network', { ended: ENDED, id: 'a' }],
      ['remove_cleaning_network'],
      ['add_cleaning_network', { ended: ENDED, id: 'a' }],
    );
    expect(words(entries)).to.deep.equal(['finished', 'replay', 'repeat']);
  });

  it("replays failed requests, each node's in order, but not behind later successful ones", () => {
    const entries = journal(
      ['add_cleaning_network', { ended: FAILED }],
      ['remove_cleaning_network', { ended: FAILED }],
      ['add_provisioning_network', { node: 'node-2', ended: FAILED }],
      ['add_provisioning_network', { node: 'node-2', ended: ENDED }],
      ['add_provisioning_network', { node: 'node-3' }],
    );
    const options = { failedOnly: true };
    expect(words(entries, options)).to.deep.equal(['again', 'again', 'superseded', 'not failed', 'not failed']);
  });

  it('skips entries that are older than the database remembers', () => {
    const entries = journal(['add_cleaning_network'], ['remove_cleaning_network']);
    expect(words(entries, { oldest: 1 })).to.deep.equal(['too old', 'replay']);
    expect(words(entries, { oldest: 1, force: true })).to.deep.equal(['replay', 'replay']);
  });

  it('names the last later request of the node that has not ended', () => {
    const entries = journal(
      ['add_cleaning_network'],
      ['add_cleaning_network', { node: 'node-2' }],
      ['remove_cleaning_network'],
      ['vif_list'],
      ['configure_tenant_networks'],
    );
    expect(planReplay(entries, ALL).map(({ unless }) => unless)).to.deep.equal(['op-4', null, 'op-4', 'op-4', null]);
  });

  describe('with --latest-per-node', () => {
    const latest = (...given: Given[]): string[] => words(journal(...given), { latestPerNode: true });

    it('takes the last of each type of network, removals too', () => {
      expect(
        latest(
          ['add_cleaning_network'],
          ['remove_cleaning_network'],
          ['add_provisioning_network'],
          ['remove_provisioning_network'],
          ['configure_tenant_networks'],
          ['add_cleaning_network', { node: 'node-2' }],
        ),
      ).to.deep.equal(['not the latest', 'replay', 'not the latest', 'replay', 'replay', 'replay']);
    });

    it('takes the last before --to', () => {
      const entries = journal(['add_cleaning_network'], ['remove_cleaning_network']);
      expect(words(entries, { latestPerNode: true, end: 1 })).to.deep.equal(['replay']);
    });

    it('takes the last of each VIF, port and portgroup', () => {
      const of = (aspect: string): Partial<JournalEntry> => ({ aspect });
      expect(
        latest(
          ['vif_attach', of('vif a')],
          ['vif_attach', of('vif b')],
          ['port_changed', of('port 1')],
          ['vif_detach', of('vif a')],
          ['port_changed', of('port 2')],
          ['port_changed', of('port 1')],
        ),
      ).to.deep.equal(['not the latest', 'replay', 'not the latest', 'replay', 'replay', 'replay']);
    });

    it('needs no reattach that tenant networks were configured after', () => {
      expect(latest(['reattach'], ['configure_tenant_networks'], ['reattach'])).to.deep.equal([
        'not the latest',
        'replay',
        'replay',
      ]);
    });

    it('takes all requests with unreadable arguments, which fail again', () => {
      const none = { aspect: null };
      expect(latest(['vif_attach', none], ['vif_attach', none])).to.deep.equal(['replay', 'replay']);
    });
  });

  it('tells the aspects of methods apart by what they are about', () => {
    const vif = { id: 'v', port_uuid: null, portgroup_uuid: null, project_id: null };
    expect(aspectOf('vif_attach', { ...NO_ARGUMENTS, vif_info: vif })).to.equal('vif v');
    expect(aspectOf('vif_detach', { ...NO_ARGUMENTS, vif_id: 'v' })).to.equal('vif v');
    for (const method of ['add_cleaning_network', 'unconfigure_tenant_networks'] as const) {
      expect(aspectOf(method, NO_ARGUMENTS)).to.equal(METHODS[method].networkType);
    }
    const options = [{ opt_name: 'tftp-server', opt_value: 'a', ip_version: 4 }];
    expect(aspectOf('update_dhcp_options', { ...NO_ARGUMENTS, options })).to.equal('options tftp-server/4');
  });
});
