import { expect } from 'chai';

import { NO_ARGUMENTS } from '../../../../src/contract/arguments.js';
import { InvalidParameterValue } from '../../../../src/contract/errors.js';
import { MANAGEMENT_NETWORK_TYPES, type NetworkType } from '../../../../src/contract/methods.js';
import type { RecordedBinding } from '../../../../src/contract/types.js';
import { currentVifs, getCurrentVif, listVifs } from '../../../../src/providers/ports/current.js';
import type { ProviderContext } from '../../../../src/providers/provider.js';
import {
  makeBinding,
  makeContext,
  makeLagTask,
  makePort,
  makeTask,
  record,
  withVif,
} from '../../../../testkit/fixtures/tasks.js';

const VIF = '11111111-1111-4111-8111-111111111111';
const OTHER = '22222222-2222-4222-8222-222222222222';

describe('the Neutron ports that a node uses', () => {
  const port = withVif(makePort(), VIF);
  const lag = makeLagTask();
  const portgroups = lag.portgroups.map((group) => withVif(group, OTHER));
  const task = { ...makeTask({ ports: [port, makePort(), ...lag.ports] }), portgroups };
  const group = portgroups[0]?.uuid ?? '';

  const on = (type: NetworkType, uuid = port.uuid): RecordedBinding[] =>
    record(type, [makeBinding({ port_uuid: uuid, neutron_port_id: `on-${type}` })]);

  async function current(fields: Partial<ProviderContext>, ref: object = { port_uuid: port.uuid }) {
    const args = { ...NO_ARGUMENTS, ...ref };
    return (await getCurrentVif({ context: makeContext(task, { args, ...fields }) })).current_vif;
  }

  it('are the VIFs where no port was made for a ramdisk', async () => {
    expect(await current({})).to.equal(VIF);
    expect(await current({ recorded: on('tenant') })).to.equal(VIF);
    expect(await current({}, { portgroup_uuid: group })).to.equal(OTHER);
    expect(await current({}, { port_uuid: task.ports[1]?.uuid })).to.equal(null);
  });

  it('are those made for a ramdisk before the VIFs, in the order in which Ironic looks', async () => {
    for (const type of MANAGEMENT_NETWORK_TYPES) expect(await current({ recorded: on(type) })).to.equal(`on-${type}`);
    const order = ['cleaning', 'provisioning', 'rescuing', 'inspection', 'servicing'] as const;
    order.forEach((_, index) => {
      const recorded = order
        .slice(index)
        .reverse()
        .flatMap((type) => on(type));
      const context = makeContext(task, { recorded });
      expect(currentVifs(context)[0]?.id).to.equal(`on-${String(order[index])}`);
    });
    expect(await current({ recorded: on('cleaning', task.ports[1]?.uuid) })).to.equal(VIF);
  });

  it('are of no port or portgroup that the node does not have', () => {
    for (const ref of [{ port_uuid: OTHER }, { portgroup_uuid: OTHER }, { portgroup_uuid: port.uuid }]) {
      const context = makeContext(task, { args: { ...NO_ARGUMENTS, ...ref } });
      expect(() => getCurrentVif({ context })).to.throw(InvalidParameterValue, Object.values(ref)[0]);
    }
  });

  it('are listed each once, with what uses them', () => {
    expect(currentVifs(makeContext(task))).to.deep.equal([
      { id: VIF, ref: { port_uuid: port.uuid, portgroup_uuid: null } },
      { id: OTHER, ref: { port_uuid: null, portgroup_uuid: group } },
    ]);
    const shared = [...on('cleaning'), ...on('provisioning', task.ports[1]?.uuid)].map((binding) => ({
      ...binding,
      neutron_port_id: 'shared',
    }));
    expect(currentVifs(makeContext(task, { recorded: shared })).map(({ id }) => id)).to.deep.equal(['shared', OTHER]);
  });

  it('are not those of a portgroup whose members are on a management network one by one', () => {
    const member = lag.ports[0]?.uuid ?? '';
    const used = (recorded: RecordedBinding[]) => currentVifs(makeContext(task, { recorded })).map(({ id }) => id);
    expect(used(on('provisioning', member))).to.deep.equal([VIF, 'on-provisioning']);
    const whole = record('cleaning', [
      makeBinding({ port_uuid: null, portgroup_uuid: group, neutron_port_id: 'bond' }),
    ]);
    expect(used(whole)).to.deep.equal([VIF, 'bond']);
    // Under flat, a member's own VIF is bound for provisioning too.
    const own = withVif(lag.ports[0] ?? makePort(), 'own');
    const flat = { ...task, ports: [port, own, ...lag.ports.slice(1)] };
    const bound = record('provisioning', [makeBinding({ port_uuid: own.uuid, neutron_port_id: 'own' })]);
    expect(currentVifs(makeContext(flat, { recorded: bound })).map(({ id }) => id)).to.deep.equal([VIF, 'own', OTHER]);
  });

  it('are not what vif_list answers with: that is what the tenant attached', async () => {
    expect(await listVifs({ context: makeContext(task, { recorded: on('cleaning') }) })).to.deep.equal({
      vifs: [
        { id: VIF, port_uuid: port.uuid, portgroup_uuid: null },
        { id: OTHER, port_uuid: null, portgroup_uuid: group },
      ],
    });
  });
});
