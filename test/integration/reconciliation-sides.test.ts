import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { adoptNodes } from '../../src/adoption/adopt-nodes.js';
import type { SideParts } from '../../src/adoption/compare-sides.js';
import { InvalidParameterValue } from '../../src/contract/errors.js';
import type { Task } from '../../src/contract/types.js';
import type { NeutronPort } from '../../src/neutron/resources.js';
import { OpenStackError } from '../../src/openstack/errors.js';
import { reconcileNodes } from '../../src/services/recovery-tools.js';
import { fromEnvironment } from '../../testkit/fixtures/config.js';
import { inIronic, notedTask, ramdiskPort } from '../../testkit/fixtures/ironic-nodes.js';
import { recordingLogger } from '../../testkit/fixtures/log.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';

interface Report {
  compared_with_ironic: number | null;
  ironic_error: string | null;
  differing: number;
  repairable: number;
  differences: { node: string; findings: { kind: string }[] }[];
}

describe('a reconciliation of the API, with Ironic as third side', () => {
  let database: TestDatabase;
  let task: Task;
  let ports: NeutronPort[];
  let noted: Task;
  let failure: Error | null = null;

  const neutron: SideParts['neutron'] = {
    listPorts: ({ id = [] }) => Promise.resolve(ports.filter((port) => id.includes(port.id))),
  };
  const ironic: SideParts['ironic'] = {
    pagesOfNodes: async function* () {
      await Promise.resolve();
      if (failure !== null) throw failure;
      yield [node()];
    },
    node: (uuid) => Promise.resolve(uuid === task.node.uuid ? node() : null),
    parts: (name) => (failure === null ? Promise.resolve([...inIronic(noted)[name]]) : Promise.reject(failure)),
  };
  const node = () => inIronic(noted, { network_interface: 'netprov', provision_state: 'clean wait' }).node;

  before(async () => {
    database = await createDatabase();
    const port = randomUUID();
    task = notedTask({ cleaning_vif_port_id: port });
    noted = task;
    ports = [ramdiskPort(port, task)];
    const rules = { provider: 'neutron', known: ['neutron'], defaultProvider: 'none' };
    const { dataSource } = database;
    await adoptNodes({ nodes: [task.node.uuid] }, { dataSource, ironic, neutron, rules, store: true });
  });
  beforeEach(() => {
    noted = task;
    failure = null;
  });
  after(() => database.drop());

  /** @param known whether the configuration says where Ironic is */
  async function reconcile(known = true): Promise<Report> {
    const report = await reconcileNodes(
      {
        config: fromEnvironment({}),
        dataSource: database.dataSource,
        client: { call: () => Promise.reject(new Error('nothing is to be repaired')) },
        // It cannot compare: what differs from Neutron is the matter of other tests.
        providers: { get: () => Promise.reject(new InvalidParameterValue('no such provider')) },
        neutron,
        ironic: known ? ironic : null,
        log: recordingLogger().log,
      },
      {},
      true,
      { requestId: 'req-1', tell: () => undefined, signal: new AbortController().signal },
    );
    return report as Report;
  }

  it('names the side that differs, and does not offer a repair of it', async () => {
    expect(await reconcile()).to.deep.include({ compared_with_ironic: 1, differing: 0, repairable: 0 });
    noted = { ...task, ports: task.ports.map((one) => ({ ...one, internal_info: {} })) };
    const { differences, ...counts } = await reconcile();
    expect(counts).to.deep.include({ compared_with_ironic: 1, ironic_error: null, differing: 1, repairable: 0 });
    expect(differences.map(({ node: uuid, findings }) => [uuid, findings.map(({ kind }) => kind)])).to.deep.equal([
      [task.node.uuid, ['ironic_differs']],
    ]);
  });

  it('says why Ironic could not be asked, and has what differs from Neutron all the same', async () => {
    failure = new OpenStackError('Ironic does not answer', { service: 'ironic', fault: 'unusable', transient: true });
    expect(await reconcile()).to.deep.include({
      compared_with_ironic: null,
      ironic_error: 'Ironic does not answer',
      differing: 0,
    });
  });

  it('leaves Ironic out where the configuration does not say where it is', async () => {
    expect(await reconcile(false)).to.deep.include({ compared_with_ironic: null, ironic_error: null });
  });
});
