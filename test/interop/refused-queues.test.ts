import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { CommandPlace, HOST } from '../../testkit/fixtures/command-place.js';
import { Deployment, DEPLOYMENTS } from '../../testkit/fixtures/deployments.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { json } from '../../testkit/servers/netprov.js';
import { OwnServices } from '../../testkit/servers/own-services.js';

/** RabbitMQ 4.3 refuses by itself, unless a distribution permits it. Source: its release notes, and its page Deprecated Features. */
const REFUSAL = 'deprecated_features.permit.transient_nonexcl_queues = false\n';
const BROKER = ['NETPROV_TRANSPORT_URL', 'NETPROV_RABBITMQ_MANAGEMENT_URL'];

/** Debian 12's RabbitMQ 3.10 does not know the setting. */
const knowsRefusal = readdirSync('/usr/lib/rabbitmq/lib').some(
  (name) => Number.parseInt(name.split('-')[1] ?? '') >= 4,
);

/** Puts a RabbitMQ of the test's own in the place of the shared one. */
async function startRefusing(services: OwnServices): Promise<void> {
  const settings = join(services.folder, 'rabbitmq', 'conf.d');
  mkdirSync(settings, { recursive: true });
  writeFileSync(join(settings, 'refusal.conf'), REFUSAL);
  await services.run('up');
  const variables = await services.variables();
  for (const name of BROKER) process.env[name] = variables[name];
}

if (knowsRefusal) {
  describe('a RabbitMQ that refuses queues that are neither durable nor exclusive', () => {
    const place = new CommandPlace();
    const services = new OwnServices(mkdtempSync(join(tmpdir(), 'netprov-refusing-')));
    const shared = BROKER.map((name) => process.env[name]);

    before(async () => {
      await place.open();
      await startRefusing(services);
    });
    beforeEach(() => place.renew());
    afterEach(() => place.clear());
    after(async () => {
      for (const [index, name] of BROKER.entries()) process.env[name] = shared[index];
      await services.run('down');
      rmSync(services.folder, { recursive: true, force: true });
      await place.close();
    });

    it('refuses such a queue', async () => {
      const said = await place.broker.refusal((channel) => channel.assertQueue('queue', { durable: false }));
      expect(said).to.contain('transient_nonexcl_queues');
    });

    it('takes the queues of a worker, a call, a cast and its result, with the defaults of all options', async () => {
      const results = place.start(['results', '--host', HOST, '--count', '1', '--json']);
      await results.says('listening');
      await place.startWorker();
      const request = [
        'add_cleaning_network',
        '--host',
        HOST,
        '--task',
        place.taskFile(sampleTask({ network_provider: 'none' })),
      ];
      expect(json(await place.run('call', ...request, '--json'))).to.include({ status: 'succeeded' });
      expect((await place.run('cast', ...request)).code).to.equal(0);
      const { code, stdout } = await results.ended;
      expect(code).to.equal(0);
      expect(JSON.parse(stdout)).to.include({ status: 'succeeded' });
    });

    for (const [name, settings] of Object.entries(DEPLOYMENTS)) {
      if (settings['rabbit_transient_quorum_queue'] !== true) continue;

      it(`takes the queues of a worker and a conductor of ${name}: call, cast with its result, and fanout cast`, async () => {
        const deployment = new Deployment(place, settings);
        await deployment.startWorker();
        await deployment.expectAnswers(await deployment.startConductor());
      });
    }
  });
}
