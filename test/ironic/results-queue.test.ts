import { expect } from 'chai';

import { macs } from '../../testkit/fixtures/ironic-commands.js';
import { CONDUCTOR, IronicFixture } from '../../testkit/fixtures/ironic-fixture.js';
import { ironicAbilities } from '../../testkit/servers/ironic-release.js';

/** Each conductor has a queue of its own for results, and one together with the others. */
const TOGETHER = 'ironic.network_provider_results';
const QUEUES = [TOGETHER, `${TOGETHER}.${CONDUCTOR}`];

describe("queues of results that stand in RabbitMQ with other properties than a real Ironic's conductor wants", () => {
  for (const durable of [true, false]) {
    const [wanted, there] = durable ? ['durable', 'not durable'] : ['not durable', 'durable'];
    const isTaken = !durable && ironicAbilities().takesDurableQueues;

    describe(`${there}, where the conductor's are ${wanted}`, () => {
      const f = IronicFixture.inSuite({ durable });

      before('somebody else makes them, before the conductor listens', () =>
        f.ironic.broker.onChannel(async (channel) => {
          for (const queue of QUEUES) await channel.assertQueue(queue, { durable: !durable });
        }),
      );

      it(`are ${isTaken ? 'taken as they are' : 'named with the remedy, and nodes are moved once they are deleted'}`, async () => {
        const node = await f.enroll();
        await f.manage(node);
        for (const queue of isTaken ? [] : QUEUES) {
          const command = `rabbitmqctl delete_queue --vhost ${f.ironic.broker.vhost} ${queue})`;
          expect(await f.validated(node))
            .to.be.a('string')
            .that.includes(`RabbitMQ has the queue ${queue}`)
            .and.includes('amqp_durable_queues')
            .and.includes(command);
          await f.baremetal('node', 'provide', node.uuid);
          expect(await f.fails(node, 'clean failed')).to.include(command);
          await f.ironic.broker.onChannel((channel) => channel.deleteQueue(queue));
          await f.manage(node);
        }
        expect(await f.validated(node)).to.equal(true);
        await f.baremetal('node', 'provide', node.uuid);
        await f.reaches(node, 'clean wait');
        expect(await f.whereIs(node)).to.deep.equal({ cleaning: macs(node) });
        await f.ramdiskRuns(node, 'available');
        for (const queue of QUEUES)
          expect((await f.ironic.broker.queue(queue)).durable, queue).to.equal(durable || isTaken);
      });
    });
  }
});
