import { expect } from 'chai';

import { type EnrolledNode, macs } from '../../testkit/fixtures/ironic-commands.js';
import { CONDUCTOR, IronicFixture } from '../../testkit/fixtures/ironic-fixture.js';
import { json } from '../../testkit/servers/netprov.js';

interface Report {
  nodes: number;
  on_record: number;
  on_no_network: number;
  outcomes: {
    node: string;
    outcome: string;
    reason: string | null;
    network_provider: string;
    bindings: { network_type: string; neutron_port_id: string }[];
    vifs: { id: string }[];
  }[];
}

describe("netprov adopt, of nodes that a real Ironic's own network interfaces have moved", () => {
  const f = IronicFixture.inSuite();

  async function adopt(node: EnrolledNode, code: number, ...args: string[]): Promise<Report> {
    const ended = await f.netprov('adopt', '--node', node.uuid, '--json', ...args);
    expect(ended.code, ended.stderr).to.equal(code);
    return json(ended) as Report;
  }
  const outcomeIn = ({ outcomes }: Report) => {
    expect(outcomes).to.have.length(1);
    const [outcome] = outcomes;
    if (!outcome) throw new Error('no outcome');
    return outcome;
  };

  it('has a worker remove a node from the cleaning network on which the interface neutron put it', async () => {
    const node = await f.enrollWith('neutron');
    await f.beginCleaning(node);
    const notes = (await f.notes(node)).map(({ cleaning_vif_port_id: id }) => id);

    const planned = outcomeIn(await adopt(node, 5));
    expect(planned).to.include({ outcome: 'pending', network_provider: 'neutron' });
    expect(planned.bindings.map(({ neutron_port_id: id }) => id)).to.have.members(notes);
    const shown = await f.netprov('node', 'show', node.uuid);
    expect(shown.code, 'nothing is on record').to.equal(1);

    expect(outcomeIn(await adopt(node, 0, '--apply', '--yes'))).to.deep.equal({ ...planned, outcome: 'adopted' });
    expect(await adopt(node, 0, '--apply', '--yes')).to.include({ nodes: 1, on_record: 1 });
    expect((await f.netprov('reconcile', '--node', node.uuid)).code).to.equal(0);

    const removed = await f.netprov('call', 'remove_cleaning_network', '--node-id', node.uuid, '--host', CONDUCTOR);
    expect(removed.code, removed.stderr).to.equal(0);
    for (const id of notes) expect(await f.neutron.port(id ?? '')).to.equal(null);
    expect((await f.netprov('reconcile', '--node', node.uuid)).code).to.equal(0);
    await f.baremetal('node', 'abort', node.uuid);
    await f.fails(node, 'clean failed');
  });

  it('has a worker unbind the VIF of an instance that the interface neutron deployed, and clean the node', async () => {
    const node = await f.enrollWith('neutron');
    await f.provide(node);
    const vif = await f.attachVif(node);
    await f.deploy(node);

    // After the change of the interface, Ironic does not tell which one it was before.
    await f.changeInterface(node, 'netprov');
    const adopted = outcomeIn(await adopt(node, 0, '--apply', '--yes'));
    expect(adopted).to.include({ outcome: 'adopted', network_provider: 'neutron' });
    expect(adopted.bindings).to.have.length(1);
    expect(adopted.bindings[0]).to.include({ network_type: 'tenant', neutron_port_id: vif });
    expect(await adopt(node, 0)).to.include({ on_record: 1 });

    await f.baremetal('node', 'undeploy', node.uuid);
    await f.reaches(node, 'clean wait');
    expect((await f.neutron.port(vif))?.['binding:host_id']).to.equal('');
    expect(await f.whereIs(node)).to.deep.equal({ cleaning: macs(node) });

    await f.ramdiskRuns(node, 'available');
    expect(await f.whereIs(node)).to.deep.equal({});
    expect(await adopt(node, 0)).to.include({ on_no_network: 1 });
  });

  it('leaves a node that Ironic has put nowhere, and names one that Ironic does not know', async () => {
    const node = await f.enrollWith('neutron');
    expect(await adopt(node, 0)).to.deep.include({ nodes: 1, on_no_network: 1, outcomes: [] });
    const unknown = '99999999-9999-4999-8999-999999999999';
    const ended = await f.netprov('adopt', '--node', unknown);
    expect(ended.code).to.equal(2);
    expect(ended.stderr).to.contain(`Ironic has no node ${unknown}: correct --node`);
  });
});
