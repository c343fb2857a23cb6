import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { until } from '../../testkit/fixtures/poll.js';
import { away, cutHalfway, disturbed } from '../../testkit/wire/disturbed.js';
import { expectNoLeak, expectRight } from '../../testkit/wire/expectations.js';
import { PARKED } from '../../testkit/wire/judge.js';
import {
  atTenant,
  CLEANING,
  FROM_TENANT,
  type Move,
  TO_TENANT,
  twoNics,
  type Walker,
} from '../../testkit/wire/moves.js';
import { wrongPings } from '../../testkit/wire/table.js';
import { astray, pings, walk } from '../../testkit/wire/walk.js';
import { Wire } from '../../testkit/wire/wire.js';

/** One move of each kind: onto a network and off it, to the tenant's networks and off them. */
const MOVES: readonly Move[] = [...CLEANING, TO_TENANT, FROM_TENANT];
/** Seconds that each command of a slow switch takes. */
const SLOW = 2;

describe('faults on the wire, with a quarantine network', () => {
  let wire: Wire;

  before(async () => {
    wire = await Wire.start(3);
    await wire.startWorker({
      NETPROV_QUARANTINE_NETWORK: wire.networks['quarantine'] ?? '',
      NETPROV_WORKER_RETRY_MAX_DELAY: '2',
      NETPROV_WORKER_RETRY_DEADLINE: '60',
    });
  });
  afterEach(async () => {
    wire.rack.login.slow(0);
    wire.rack.login.refuse(null);
    await wire.rack.login.open();
  });
  after(() => wire.stop());

  it('the switch cannot be reached when a move begins: each succeeds in the end', async () => {
    const failed = wire.failedPlugs;
    expectRight(await disturbed(wire, [twoNics()], MOVES, away(wire)));
    expect(wire.failedPlugs).to.be.at.least(failed + MOVES.length);
  });

  it('the switch goes away while it is configured: no frame arrives where it must not', async () => {
    expectNoLeak(await disturbed(wire, [twoNics()], MOVES, cutHalfway(wire)));
  });

  it('the switch refuses a command half-way: no frame arrives where it must not', async () => {
    wire.rack.login.refuse('tag=');
    expectNoLeak(await walk(wire, [twoNics()], MOVES));
  });

  it(`the switch takes ${SLOW} s for each command: the moves succeed`, async () => {
    wire.rack.login.slow(SLOW);
    expectRight(await walk(wire, [twoNics()], MOVES));
  });

  it('Neutron is killed between the creation of a port and the plug: the move succeeds in the end', async () => {
    const { login } = wire.rack;
    let killed = Promise.resolve();
    const evidence = await walk(wire, [twoNics()], CLEANING, async ({ method }) => {
      await killed;
      if (method !== 'add_cleaning_network') return;
      login.slow(SLOW);
      const on = wire.networks['cleaning'] ?? '';
      killed = (async (): Promise<void> => {
        await until('Neutron has the port', async () => (await wire.api.portsOn(on)).length > 0);
        await wire.restartNeutron();
        login.slow(0);
      })();
    });
    await killed;
    expectRight(evidence);
    expect(await wire.api.portsOn(wire.networks['cleaning'] ?? '')).to.deep.equal([]);
  });

  it('a switch port that does not exist: the node reaches nobody, whatever Neutron says', async () => {
    const node = twoNics();
    const ports = (node.task.ports ?? []).map((port) => ({
      ...port,
      local_link_connection: { ...port.local_link_connection, port_id: 'n9e9' },
    }));
    // Another node in the record, since it may stay bound there.
    const lost: Walker = { ...node, task: { node: { ...node.task.node, uuid: randomUUID() }, ports } };
    const [add] = CLEANING;
    const evidence = await walk(wire, [lost], add ? [{ ...add, after: PARKED }] : []);
    expect(astray(evidence)).to.deep.equal({});
    expect(wrongPings(evidence)).to.deep.equal([]);
    for (const { id } of await wire.api.portsOn(wire.networks['cleaning'] ?? '')) await wire.api.removePort(id);
  });

  it('a stray port beside a live tenant is removed by a repair, and the tenant stays', async () => {
    const node = twoNics();
    const link = node.task.ports?.[0]?.local_link_connection;
    const evidence = await walk(
      wire,
      [node],
      [TO_TENANT, atTenant('reconcile', { fix: true }), FROM_TENANT],
      async ({ method }) => {
        if (method !== 'reconcile') return;
        await wire.api.makePort(wire.networks['cleaning'] ?? '', {
          ...{ device_owner: 'baremetal:none', device_id: node.task.node.uuid, mac_address: '52:54:00:99:00:01' },
          ...{ 'binding:vnic_type': 'baremetal', 'binding:host_id': node.task.node.uuid },
          'binding:profile': { local_link_information: [link] },
        });
        // Neutron has put the switch port on the network of the stray port.
        expect(await pings(node, wire)).to.deep.equal(['cleaning']);
      },
    );
    expect(evidence.steps.map(({ result }) => result.status)).to.deep.equal(['succeeded', 'succeeded', 'succeeded']);
    expect(wrongPings(evidence)).to.deep.equal([]);
    expect(await wire.api.portsOn(wire.networks['cleaning'] ?? '')).to.deep.equal([]);
  });

  it('a switch that restarted without its configuration: the tenant is cut off, and reattach plugs it in', async () => {
    const node = twoNics();
    const evidence = await walk(wire, [node], [TO_TENANT, atTenant('reattach'), FROM_TENANT], async ({ method }) => {
      if (method !== 'reattach') return;
      await wire.rack.leaf.vsctl('clear', 'port', node.switchPort, 'tag', 'vlan_mode');
      expect(await pings(node, wire)).to.deep.equal([]);
    });
    expectRight(evidence);
  });
});
