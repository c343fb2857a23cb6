import { expect } from 'chai';

import { NO_ARGUMENTS } from '../../../src/contract/arguments.js';
import {
  InvalidParameterValue,
  NoFreePhysicalPorts,
  TransientError,
  VifAlreadyAttached,
  VifNotAttached,
} from '../../../src/contract/errors.js';
import { BASE_METHOD_NAMES, METHOD_NAMES, type MethodName, METHODS } from '../../../src/contract/methods.js';
import type { Task } from '../../../src/contract/types.js';
import { NeutronClient } from '../../../src/neutron/client.js';
import { createNoneProvider } from '../../../src/providers/none.js';
import { SimulatedNeutron } from '../../../testkit/fakes/simulated-neutron.js';
import { rejection } from '../../../testkit/fixtures/rejection.js';
import {
  makeBinding,
  makeContext,
  makeNode,
  makePort,
  makeTask,
  record,
  runMethod,
  withVif,
} from '../../../testkit/fixtures/tasks.js';
import { toAttach } from '../../../testkit/fixtures/vif-tasks.js';
import { neutronOptions, TestNeutron } from '../../../testkit/servers/neutron.js';

const VIF = '11111111-1111-4111-8111-111111111111';
const OTHER = '22222222-2222-4222-8222-222222222222';

describe('provider none', () => {
  // Nothing listens there: whatever asks Neutron fails.
  const neutron = new NeutronClient(neutronOptions({ endpoint_override: 'http://127.0.0.1:1' }));
  const provider = createNoneProvider({ neutron });
  const run = (method: MethodName, task: Task, args: object = {}) =>
    runMethod(provider, method, makeContext(task, { args: { ...NO_ARGUMENTS, ...args } }));

  after(() => neutron.close());

  it("asks Neutron for a VIF's project only when the request names a project", async () => {
    const simulated = await SimulatedNeutron.start({ bindAll: true, activeAfter: 0 });
    const client = new NeutronClient(neutronOptions({ endpoint_override: simulated.url }));
    try {
      const seen = new TestNeutron(simulated.url);
      const vif = await seen.makePort((await seen.makeNetwork()).id, { project_id: 'ours' });
      const task = makeTask();
      const attach = (project_id: string | null, id = vif.id) =>
        runMethod(
          createNoneProvider({ neutron: client }),
          'vif_attach',
          makeContext(task, toAttach(id, { project_id })),
        );
      expect((await attach('ours')).vifs).to.have.nested.property('0.id', vif.id);
      expect((await attach(null, VIF)).vifs).to.have.nested.property('0.id', VIF);
      for (const id of [vif.id, VIF]) {
        const error = await rejection(attach('theirs', id));
        expect(error).to.be.instanceOf(InvalidParameterValue);
        expect(error?.message).to.include(`${id} is not a Neutron port of project theirs`);
      }
    } finally {
      await client.close();
      await simulated.stop();
    }
  });

  const moves = METHOD_NAMES.filter(
    (name) => BASE_METHOD_NAMES.some((base) => base === name) || /^(add|remove)_/.test(name),
  );
  for (const method of [...moves, 'port_changed', 'portgroup_changed'] as const) {
    it(`${method} does nothing and succeeds`, async () => {
      expect(await run(method, makeTask())).to.deep.equal({ bindings: [], failures: [] });
    });

    it(`${method} leaves on record what another provider bound: it still stands`, async () => {
      const binding = makeBinding();
      const own = METHODS[method].networkType ?? 'tenant';
      const recorded = [
        ...record(own, [binding]),
        ...record(own === 'tenant' ? 'cleaning' : 'tenant', [makeBinding()]),
      ];
      const outcome = await runMethod(provider, method, makeContext(makeTask(), { recorded }));
      expect(outcome).to.deep.equal({ bindings: [binding], failures: [] });
    });
  }

  it('has every method but reattach: it never unbinds what it would have to bind again', () => {
    expect(METHOD_NAMES.filter((name) => provider[name] === undefined)).to.deep.equal(['reattach']);
  });

  it('changes only DHCP options in Neutron, and records a VIF while it is being attached', () => {
    const changes = METHOD_NAMES.filter((name) => provider.changesNothing?.includes(name) !== true);
    expect(changes).to.have.members(['update_dhcp_options', 'vif_attach']);
  });

  it('notes a VIF on a free port, cabled or not, and forgets it again', async () => {
    const port = makePort({ local_link_connection: {}, physical_network: 'physnet9' });
    const task = makeTask({ ports: [withVif(makePort(), OTHER), port] });
    const { vifs } = await run('vif_attach', task, toAttach(VIF).args);
    expect(vifs).to.deep.equal([
      { id: OTHER, port_uuid: task.ports[0]?.uuid, portgroup_uuid: null },
      { id: VIF, port_uuid: port.uuid, portgroup_uuid: null },
    ]);
    const attached = makeTask({ ports: [withVif(port, VIF)] });
    expect((await run('vif_list', attached)).vifs).to.deep.equal([
      { id: VIF, port_uuid: port.uuid, portgroup_uuid: null },
    ]);
    expect((await run('get_current_vif', attached, { port_uuid: port.uuid })).current_vif).to.equal(VIF);
    expect((await run('vif_detach', attached, { vif_id: VIF })).vifs).to.deep.equal([]);
  });

  it('refuses what cannot be attached or detached', async () => {
    const task = makeTask({ ports: [withVif(makePort(), VIF)] });
    const attach = (id: string) => rejection(run('vif_attach', task, toAttach(id).args));
    expect(await attach(VIF)).to.be.instanceOf(VifAlreadyAttached);
    expect(await attach(OTHER)).to.be.instanceOf(NoFreePhysicalPorts);
    expect(await rejection(run('vif_detach', task, { vif_id: OTHER }))).to.be.instanceOf(VifNotAttached);
  });

  it('answers methods that need no Neutron without one', async () => {
    const node = makeNode({ network_data: { links: [] } });
    expect(await run('validate', makeTask())).to.deep.equal({ bindings: [], failures: [] });
    expect((await run('need_power_on', makeTask())).need_power_on).to.equal(false);
    expect((await run('get_node_network_data', makeTask())).network_data).to.deep.equal({});
    expect((await run('get_node_network_data', makeTask({ node }))).network_data).to.deep.equal({ links: [] });
  });

  it('says that it needs Neutron when none is configured', async () => {
    const task = makeTask({ ports: [withVif(makePort(), VIF)] });
    expect(await rejection(run('get_node_network_data', task))).to.be.instanceOf(TransientError);
    const options = [{ opt_name: '67', opt_value: 'file', ip_version: 4 }];
    expect(await rejection(run('update_dhcp_options', task, { options }))).to.be.instanceOf(TransientError);
  });
});
