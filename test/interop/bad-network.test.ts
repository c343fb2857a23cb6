import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { RemoteError } from '../../src/rpc/index.js';
import { NETWORK_ROWS } from '../../testkit/fixtures/bad-input.js';
import { createRegistry } from '../../testkit/fixtures/registry.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';
import { TestNeutron } from '../../testkit/servers/neutron.js';

const RESULTS = `${TOPIC}_results.conductor-1`;
const TARGET = { topic: TOPIC, server: 'conductor-1' };
const METHOD = 'add_provisioning_network';

/** The rows of docs/wire-protocol.md, "What becomes of bad input", that take a real Neutron. */
describe('bad input that Neutron decides', () => {
  let fixture: WorkerFixture;
  let neutron: TestNeutron;
  let providers: ReturnType<typeof createRegistry>;
  const twice = `twice-${randomUUID()}`;
  const once = `once-${randomUUID()}`;

  before(async () => {
    neutron = new TestNeutron();
    await neutron.makeNetwork(twice);
    await neutron.makeNetwork(twice);
    await neutron.makeNetwork(once);
    fixture = await WorkerFixture.create();
    providers = createRegistry(neutron.endpoint);
    await fixture.start(providers.registry);
    await fixture.listen(RESULTS);
  });
  after(async () => {
    await fixture.reset();
    await fixture.drop();
    await providers.close();
    await neutron.drop();
  });

  const onNetwork = (name: string): ReturnType<typeof sampleTask> =>
    sampleTask({ network_provider: 'neutron', driver_info: { provisioning_network: name } });

  const rows: Record<string, { task: () => object; raises: string; says: string }> = {
    'a task without ports, provider `neutron`': {
      task: () => ({ node: onNetwork(once).node }),
      raises: 'NetworkError',
      says: 'port',
    },
    'a network that does not exist': {
      task: () => onNetwork('no-such-network'),
      raises: 'InvalidParameterValue',
      says: 'no-such-network',
    },
    'a network that exists twice': { task: () => onNetwork(twice), raises: 'InvalidParameterValue', says: twice },
  };

  it('has a test for every such row', () => {
    expect(Object.keys(rows)).to.have.members(NETWORK_ROWS);
  });

  for (const [row, { task, raises, says }] of Object.entries(rows)) {
    it(`${row}: ${raises}`, async () => {
      const raised = await fixture.client.call(TARGET, METHOD, { task: task() }).catch((error: unknown) => error);
      expect(raised).to.be.instanceOf(RemoteError);
      expect(raised).to.include({ className: raises, module: 'ironic.common.exception' });
      expect(raised).to.have.property('message').contain(says);

      await fixture.client.cast(TARGET, METHOD, { task: task() });
      const { result } = await fixture.nextResult(RESULTS);
      expect(result).to.include({ status: 'failed' });
      expect(result.error).to.include({ class: raises });

      const none = sampleTask({ network_provider: 'none' });
      expect(await fixture.client.call(TARGET, METHOD, { task: none })).to.have.property('status', 'succeeded');
    });
  }
});
