import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { type AdoptionReport, adoptNodes } from '../../src/adoption/adopt-nodes.js';
import type { NodeInIronic } from '../../src/adoption/plan.js';
import type { Task } from '../../src/contract/types.js';
import type { IronicPart } from '../../src/ironic/nodes-and-ports.js';
import type { NeutronPort } from '../../src/neutron/resources.js';
import type { ProviderOutcome } from '../../src/providers/provider.js';
import type { NodeScope } from '../../src/state/index.js';
import { boundPort, inIronic, notedTask, ramdiskPort } from '../../testkit/fixtures/ironic-nodes.js';
import { NodeRecord } from '../../testkit/fixtures/node-record.js';
import { makeTask } from '../../testkit/fixtures/tasks.js';
import { nothingDone, scriptedProvider, TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';
import { netprov } from '../../testkit/servers/netprov.js';

const HOST = 'conductor-1';

describe('the adoption of nodes, in the database', () => {
  let fixture: WorkerFixture;
  let nodes: NodeInIronic[];
  let ports: NeutronPort[];
  /** Called while Neutron is read: after the records have been read, and before they are stored. */
  let meanwhile: () => Promise<void>;
  /** What the worker does. */
  let script: () => Promise<ProviderOutcome>;

  before(async () => {
    fixture = await WorkerFixture.create();
  });
  after(() => fixture.drop());
  beforeEach(async () => {
    [nodes, ports] = [[], []];
    meanwhile = () => Promise.resolve();
    script = () => Promise.resolve(nothingDone);
    await fixture.start({ neutron: scriptedProvider(() => script()) });
  });
  afterEach(() => fixture.reset());

  function adopt(store: boolean, scope: NodeScope = {}): Promise<AdoptionReport> {
    const partsOf = (name: 'ports' | 'portgroups', uuid?: string): IronicPart[] =>
      nodes.filter(({ node }) => uuid === undefined || node.uuid === uuid).flatMap((node) => node[name]);
    return adoptNodes(scope, {
      dataSource: fixture.database.dataSource,
      ironic: {
        pagesOfNodes: async function* () {
          await Promise.resolve();
          yield nodes.map(({ node }) => node);
        },
        node: (uuid) => Promise.resolve(nodes.find(({ node }) => node.uuid === uuid)?.node ?? null),
        parts: (name, uuid) => Promise.resolve(partsOf(name, uuid)),
      },
      neutron: {
        listPorts: async ({ id = [] }) => {
          await meanwhile();
          return ports.filter((port) => id.includes(port.id));
        },
      },
      rules: { provider: null, known: ['none', 'neutron', 'flat'], defaultProvider: 'none' },
      store,
    });
  }

  /** Puts a node on its cleaning network, as Ironic's own interface does. */
  function cleaned(fields: Parameters<typeof inIronic>[1] = {}): Task {
    const id = randomUUID();
    const task = notedTask({ cleaning_vif_port_id: id });
    nodes.push(inIronic(task, fields));
    ports.push(ramdiskPort(id, task));
    return task;
  }
  const recordOf = (task: Task) => new NodeRecord(fixture.database, task.node.uuid).all();
  const outcomes = ({ outcomes: all }: AdoptionReport): [string, string, string | null][] =>
    all.map(({ node, outcome, reason }) => [node, outcome, reason]);

  it('stores nothing before it is told to, then node, NICs and bindings, and nothing a second time', async () => {
    const task = cleaned();
    const vif = randomUUID();
    const deployed = notedTask({ tenant_vif_port_id: vif });
    nodes.push(inIronic(deployed), inIronic(makeTask()));
    ports.push(boundPort(vif, deployed));

    const planned = await adopt(false);
    expect(planned).to.include({ nodes: 3, nowhere: 1, same: 0 });
    expect(outcomes(planned)).to.deep.equal([task, deployed].map(({ node }) => [node.uuid, 'pending', null]));
    expect((await recordOf(task)).nodes).to.deep.equal([]);

    const stored = await adopt(true);
    expect(outcomes(stored)).to.deep.equal([task, deployed].map(({ node }) => [node.uuid, 'adopted', null]));
    const { nodes: rows, ports: nics, port_bindings: bindings } = await recordOf(task);
    expect(rows[0]).to.include({ network_provider: 'neutron', conductor_host: HOST });
    expect(nics).to.have.length(1);
    expect(bindings[0]).to.include({
      ...{ network_type: 'cleaning', network_provider: 'neutron', operation_id: stored.adoption },
      ...{ neutron_port_id: ports[0]?.id, port_uuid: task.ports[0]?.uuid },
    });
    expect((await recordOf(deployed)).port_bindings[0]).to.include({ network_type: 'tenant', neutron_port_id: vif });

    const before = [await recordOf(task), await recordOf(deployed)];
    expect(await adopt(true)).to.deep.include({ nodes: 3, nowhere: 1, same: 2, outcomes: [] });
    expect([await recordOf(task), await recordOf(deployed)]).to.deep.equal(before);
  });

  it('takes the bindings from the record that Ironic has removed, and adds those that it has made', async () => {
    const task = cleaned();
    await adopt(true);
    const vif = randomUUID();
    const [nic] = task.ports;
    const ports_ = nic ? [{ ...nic, internal_info: { tenant_vif_port_id: vif } }] : [];
    nodes = [inIronic({ ...task, ports: ports_ })];
    ports = [boundPort(vif, task)];
    await adopt(true);
    const { port_bindings: bindings } = await recordOf(task);
    expect(bindings.map(({ network_type, neutron_port_id }) => [network_type, neutron_port_id])).to.deep.equal([
      ['tenant', vif],
    ]);
    nodes = [inIronic({ ...task, ports: nic ? [{ ...nic, internal_info: {} }] : [] })];
    ports = [];
    await adopt(true);
    expect((await recordOf(task)).port_bindings).to.deep.equal([]);
    expect(await adopt(true)).to.deep.include({ nowhere: 1, outcomes: [] });
  });

  it('keeps the nodes of a host, and of a list', async () => {
    const [here, there] = [cleaned(), cleaned({ conductor: 'conductor-2' })];
    const uuidsIn = async (scope: NodeScope) => (await adopt(false, scope)).outcomes.map(({ node }) => node);
    expect(await uuidsIn({ hosts: [HOST] })).to.deep.equal([here.node.uuid]);
    expect(await uuidsIn({ nodes: [there.node.uuid, randomUUID()] })).to.deep.equal([there.node.uuid]);
  });

  it('skips nodes that are locked in Ironic, or have an operation under way, and says so', async () => {
    const locked = cleaned({ reservation: HOST });
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const begun = new Promise<void>((started) => {
      script = async () => {
        started();
        await held;
        return nothingDone;
      };
    });
    const busy = cleaned();
    const call = fixture.client.call({ topic: TOPIC }, 'add_cleaning_network', { task: busy });
    await begun;
    const report = await adopt(true);
    release();
    await call;
    expect(report.outcomes.map(({ node, outcome }) => [node, outcome])).to.have.deep.members([
      [locked.node.uuid, 'skipped'],
      [busy.node.uuid, 'skipped'],
    ]);
    const reasons = report.outcomes.map(({ reason }) => reason).join('\n');
    expect(reasons).to.contain(`it is locked in Ironic, by ${HOST}`);
    expect(reasons).to.match(/operation \w+ \(add_cleaning_network\) is under way/);
  });

  it('leaves nodes that an operation records or changes meanwhile', async () => {
    const [fresh, known] = [cleaned(), cleaned()];
    nodes = nodes.slice(1);
    await adopt(true);
    await fixture.database.dataSource.query('DELETE FROM port_bindings');
    nodes.unshift(inIronic(fresh));
    const target = { topic: TOPIC };
    meanwhile = async () => {
      for (const task of [fresh, { ...known, node: { ...known.node, name: 'renamed' } }]) {
        await fixture.client.call(target, 'remove_cleaning_network', { task });
      }
    };
    const report = await adopt(true);
    const reason = 'its record changed meanwhile';
    expect(outcomes(report)).to.have.deep.members([fresh, known].map(({ node }) => [node.uuid, 'skipped', reason]));
    expect((await recordOf(known)).port_bindings).to.deep.equal([]);
    expect((await recordOf(known)).nodes[0]).to.include({ name: 'renamed' });
  });

  it('changes the version of a node with its bindings, so that an operation that looked at it before begins anew', async () => {
    const task = cleaned();
    await adopt(true);
    const digest = async () => (await recordOf(task)).nodes[0]?.['task_digest'];
    const before = await digest();
    await fixture.database.dataSource.query('DELETE FROM port_bindings');
    await adopt(true);
    expect(await digest()).to.not.equal(before);
    expect((await recordOf(task)).port_bindings).to.have.length(1);
  });

  it('ends with an exit code and a remedy when the command is wrong, or Ironic does not answer', async () => {
    const nobody = 'http://127.0.0.1:9';
    const env = {
      NETPROV_DATABASE_URL: fixture.database.connection,
      NETPROV_NEUTRON_ENDPOINT: nobody,
      NETPROV_IRONIC_ENDPOINT: nobody,
    };
    const cases: [string[], number, string][] = [
      [[], 2, 'adopt needs --node UUID, --host H or --all'],
      [['--all', '--apply'], 2, 'give --yes, or leave out --apply'],
      [
        ['--all', '--network-provider', 'sdn'],
        2,
        '--network-provider "sdn" is unknown; known names: none, neutron, flat',
      ],
      [['--all'], 3, `GET ${nobody}/v1/ports got no answer`],
    ];
    for (const [args, code, message] of cases) {
      const ended = await netprov(['adopt', ...args], env);
      expect(ended.stderr, args.join(' ')).to.contain(message);
      expect(ended.code, args.join(' ')).to.equal(code);
    }
    const { NETPROV_DATABASE_URL } = env;
    const lost = await netprov(['adopt', '--all'], { NETPROV_DATABASE_URL, NETPROV_NEUTRON_ENDPOINT: nobody });
    expect(lost.stderr).to.contain(
      "ironic.endpoint_override is not set: give its URL, or Keystone's (ironic.auth_type)",
    );
    expect(lost.stderr).not.to.contain('neutron.endpoint_override');
    expect(lost.code).to.equal(2);
  });

  it('stores many nodes, and those that a run before has left', async () => {
    const all = Array.from({ length: 450 }, () => cleaned());
    const left = nodes;
    nodes = left.slice(0, 120);
    await adopt(true);
    nodes = left;
    const report = await adopt(true);
    expect(report).to.include({ nodes: all.length, same: 120 });
    expect(report.outcomes.filter(({ outcome }) => outcome === 'adopted')).to.have.length(330);
    expect(await adopt(true)).to.deep.include({ same: all.length, outcomes: [] });
  });
});
