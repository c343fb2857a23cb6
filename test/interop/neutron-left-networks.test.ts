import { expect } from 'chai';

import { InvalidParameterValue, NetworkError } from '../../src/contract/errors.js';
import { idsOf, ProviderFixture } from '../../testkit/fixtures/provider-fixture.js';
import { makeNode, makeTask, record } from '../../testkit/fixtures/tasks.js';

describe('a node that is still on another management network, on a real Neutron', () => {
  let f: ProviderFixture;

  before(async () => {
    f = await ProviderFixture.start();
  });

  beforeEach(() => {
    f.proxy.reset();
  });

  after(async () => {
    await f.stop();
  });

  it('leaves it before it is added to the new one', async () => {
    const task = await f.alive(makeTask());
    const left = record('provisioning', (await f.run('add_provisioning_network', task)).bindings);
    const added = await f.run('add_cleaning_network', task, { recorded: left });
    expect(await f.portsOf(task)).to.deep.equal([]);
    expect((await f.portsOf(task, f.cleaning)).map(({ id }) => id).sort()).to.deep.equal(idsOf(added.bindings));
    expect(added.standing, 'all that is on record then').to.deep.equal(record('cleaning', added.bindings));
    const { standing = [] } = added;
    expect(await f.run('remove_provisioning_network', task, { recorded: standing })).to.deep.equal({
      bindings: [],
      failures: [],
    });
    await f.run('remove_cleaning_network', task, { recorded: standing });
    expect(await f.portsOf(task, f.cleaning)).to.deep.equal([]);
  });

  it('is added to no network when it cannot leave the other one', async () => {
    const task = await f.alive(makeTask());
    const left = record('provisioning', (await f.run('add_provisioning_network', task)).bindings);
    f.proxy.fate = ({ method }) => (method === 'DELETE' ? { status: 403, body: { NeutronError: 'no' } } : 'pass');
    const { error, bindings, standing } = await f.run('add_cleaning_network', task, { recorded: left });
    expect(error).to.be.instanceOf(NetworkError);
    expect(error?.message).to.include(`node ${task.node.uuid} cannot leave the provisioning network`);
    expect({ bindings, standing }).to.deep.equal({ bindings: [], standing: left });
    expect(await f.portsOf(task, f.cleaning)).to.deep.equal([]);
    f.proxy.reset();
    await f.run('remove_provisioning_network', task, { recorded: left });
  });

  it('has left it, and the record says so, when it cannot be added to the new one', async () => {
    const cleaning_network = '99999999-9999-4999-8999-999999999999';
    const task = await f.alive(makeTask({ node: makeNode({ driver_info: { cleaning_network } }) }));
    const left = record('provisioning', (await f.run('add_provisioning_network', task)).bindings);
    const { error, bindings, standing } = await f.run('add_cleaning_network', task, { recorded: left });
    expect(error).to.be.instanceOf(InvalidParameterValue);
    expect({ bindings, standing }).to.deep.equal({ bindings: [], standing: [] });
    expect(await f.portsOf(task)).to.deep.equal([]);
  });
});
