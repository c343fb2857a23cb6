import { expect } from 'chai';

import { METHOD_NAMES, type MethodName } from '../../src/contract/methods.js';
import type { Task } from '../../src/contract/types.js';
import { createNoneProvider } from '../../src/providers/none.js';
import type { NetworkProvider, ProviderContext } from '../../src/providers/provider.js';
import { until } from '../../testkit/fixtures/poll.js';
import { ProviderFixture } from '../../testkit/fixtures/provider-fixture.js';
import { makeContext, runMethod, withVif } from '../../testkit/fixtures/tasks.js';
import { given, oneNic, toAttach, toDetach } from '../../testkit/fixtures/vif-tasks.js';

describe('provider none, in front of a real Neutron', () => {
  let f: ProviderFixture;
  let none: NetworkProvider;

  before(async () => {
    f = await ProviderFixture.start();
    none = f.make(createNoneProvider);
  });

  beforeEach(() => {
    f.proxy.reset();
  });

  after(async () => {
    await f.stop();
  });

  const run = (method: MethodName, task: Task, fields: Partial<ProviderContext> = {}) =>
    runMethod(none, method, makeContext(task, fields));

  async function shown(id: string): Promise<Record<string, unknown>> {
    return (await f.neutron.api<{ port: Record<string, unknown> }>('GET', `ports/${id}`)).port;
  }

  const ways: [string, (task: Task) => object, object][] = [
    ['unbound, as Nova makes it now', () => ({}), { 'binding:vif_type': 'unbound' }],
    [
      'bound to the node by an older Nova',
      ({ node }) => ({ 'binding:host_id': node.uuid, 'binding:vnic_type': 'baremetal' }),
      { 'binding:vif_type': 'other', status: 'ACTIVE' },
    ],
    [
      'given the host of an older Nova, where nobody can bind it',
      () => ({ 'binding:host_id': 'nova-compute-1' }),
      { 'binding:vif_type': 'binding_failed' },
    ],
  ];
  for (const [way, attributes, state] of ways) {
    it(`leaves a port as it is that is ${way}, and puts the DHCP options on it`, async () => {
      const task = await f.alive(oneNic());
      const { id } = await f.neutron.makePort(f.tenant.id, attributes(task));
      const before = await until('the port is as it is made', async () => {
        const port = await shown(id);
        return Object.entries(state).every(([name, value]) => port[name] === value) ? port : null;
      });
      const attached = { ...task, ports: task.ports.map((port) => withVif(port, id)) };

      await run('vif_attach', task, toAttach(id));
      for (const method of METHOD_NAMES.filter((name) => /^(add|remove)_|^(un)?configure_/.test(name))) {
        expect(await run(method, attached)).to.deep.equal({ bindings: [], failures: [] });
      }
      const [port_obj = null] = attached.ports.map((port) => ({ ...port, address: '52:ff:00:00:00:07' }));
      await run('port_changed', attached, given({ port_obj }));
      await run('vif_detach', attached, toDetach(id));
      expect(f.proxy.requests).to.deep.equal([]);
      expect(await shown(id)).to.deep.equal(before);

      const options = [
        { opt_name: '67', opt_value: 'boot.efi', ip_version: null },
        { opt_name: '66', opt_value: '10.0.0.1', ip_version: 4 },
      ];
      expect((await run('update_dhcp_options', attached, given({ options }))).failures).to.deep.equal([]);
      const now = await shown(id);
      const changed = Object.keys(now).filter((name) => JSON.stringify(now[name]) !== JSON.stringify(before[name]));
      // Its second may be the same.
      const others = changed.filter((name) => name !== 'updated_at');
      expect(others.sort()).to.deep.equal(['extra_dhcp_opts', 'revision_number']);
      expect(now['extra_dhcp_opts']).to.have.deep.members(options.map((option) => ({ ...option, ip_version: 4 })));
    });
  }

  it('makes network data of what Neutron has for its VIFs', async () => {
    const task = await f.attachVifs(oneNic());
    const { network_data } = await run('get_node_network_data', task);
    expect(network_data).to.deep.equal((await f.run('get_node_network_data', task)).network_data);
    expect(network_data).to.have.nested.property('links[0].type', 'vif');
  });
});
