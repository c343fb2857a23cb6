import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { adoptNodes } from '../../src/adoption/adopt-nodes.js';
import { compareSides, type SideParts } from '../../src/adoption/compare-sides.js';
import type { NodeInIronic } from '../../src/adoption/plan.js';
import type { Task } from '../../src/contract/types.js';
import type { NeutronPort } from '../../src/neutron/resources.js';
import type { NodeScope } from '../../src/state/index.js';
import { inIronic, notedTask, ramdiskPort } from '../../testkit/fixtures/ironic-nodes.js';
import { WorkerFixture } from '../../testkit/fixtures/worker.js';

const OURS = { network_interface: 'netprov', provision_state: 'clean wait' };

describe('the comparison of nodes on record with Ironic', () => {
  let fixture: WorkerFixture;
  let nodes: NodeInIronic[];
  let ports: NeutronPort[];
  /** Called while Neutron is read. */
  let meanwhile: () => void;

  before(async () => {
    fixture = await WorkerFixture.create();
  });
  after(() => fixture.drop());
  beforeEach(() => {
    [nodes, ports] = [[], []];
    meanwhile = () => undefined;
  });
  afterEach(async () => {
    await fixture.database.dataSource.query('DELETE FROM nodes');
    await fixture.reset();
  });

  const parts = (): SideParts => ({
    dataSource: fixture.database.dataSource,
    ironic: {
      pagesOfNodes: async function* () {
        await Promise.resolve();
        yield nodes.map(({ node }) => node);
      },
      node: (uuid) => Promise.resolve(nodes.find(({ node }) => node.uuid === uuid)?.node ?? null),
      parts: (name, uuid) =>
        Promise.resolve(
          nodes.filter(({ node }) => uuid === undefined || node.uuid === uuid).flatMap((one) => one[name]),
        ),
    },
    neutron: {
      listPorts: ({ id = [] }) => {
        const found = ports.filter((port) => id.includes(port.id));
        meanwhile();
        return Promise.resolve(found);
      },
    },
  });

  /** Puts a node on record, as it is on its cleaning network. */
  async function recorded(): Promise<{ task: Task; port: string }> {
    const port = randomUUID();
    const task = notedTask({ cleaning_vif_port_id: port });
    ports.push(ramdiskPort(port, task));
    nodes.push(inIronic(task, { ...OURS, network_interface: 'neutron' }));
    const rules = { provider: null, known: ['neutron'], defaultProvider: 'none' };
    await adoptNodes({ nodes: [task.node.uuid] }, { ...parts(), rules, store: true });
    replace(task, OURS);
    return { task, port };
  }
  /** Gives Ironic another view of a node. */
  function replace(task: Task, fields: Parameters<typeof inIronic>[1]): void {
    nodes = [...nodes.filter(({ node }) => node.uuid !== task.node.uuid), inIronic(task, { ...OURS, ...fields })];
  }
  const forgetting = (task: Task): Task => ({
    ...task,
    ports: task.ports.map((one) => ({ ...one, internal_info: {} })),
  });
  async function compare(scope: NodeScope = {}): Promise<{ compared: number; kinds: string[] }> {
    const { compared, findings } = await compareSides(scope, parts());
    return { compared, kinds: [...findings.values()].flatMap((one) => one.findings.map(({ kind }) => kind)) };
  }

  it('finds nothing where all agree, and the side that differs', async () => {
    const { task, port } = await recorded();
    expect(await compare()).to.deep.equal({ compared: 1, kinds: [] });
    replace(forgetting(task), {});
    expect(await compare()).to.deep.equal({ compared: 1, kinds: ['ironic_differs'] });
    replace(task, {});
    ports = [];
    expect(await compare({ nodes: [task.node.uuid] })).to.deep.equal({ compared: 1, kinds: ['neutron_differs'] });
    ports = [ramdiskPort(port, task)];
    await fixture.database.dataSource.query('DELETE FROM port_bindings WHERE node_uuid = ?', [task.node.uuid]);
    expect(await compare({ hosts: ['conductor-1'] })).to.deep.equal({ compared: 1, kinds: ['record_differs'] });
  });

  it('leaves out nodes that are locked, and that have another interface', async () => {
    const { task } = await recorded();
    replace(forgetting(task), { reservation: 'conductor-1' });
    expect(await compare()).to.deep.equal({ compared: 0, kinds: [] });
    replace(forgetting(task), { network_interface: 'neutron' });
    expect(await compare()).to.deep.equal({ compared: 0, kinds: [] });
    replace(forgetting(task), {});
    expect((await compare()).compared).to.equal(1);
  });

  it('looks a second time at a node that differs: it may have been moved between the answers', async () => {
    const { task } = await recorded();
    replace(forgetting(task), {});
    meanwhile = () => {
      replace(task, {});
    };
    expect(await compare()).to.deep.equal({ compared: 1, kinds: [] });
  });

  it('names what is on record of a node that Ironic does not have', async () => {
    await recorded();
    nodes = [];
    expect(await compare()).to.deep.equal({ compared: 1, kinds: ['ironic_differs'] });
  });
});
