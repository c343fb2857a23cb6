import { expect } from 'chai';

import { CastFlow } from '../../testkit/fixtures/cast-flow.js';
import { until } from '../../testkit/fixtures/poll.js';
import { cluster, ClusterPlace, HOST_QUEUE } from '../../testkit/servers/cluster.js';

describe('RabbitMQ nodes that are lost while casts flow', () => {
  let place: ClusterPlace;
  let flow: CastFlow;

  beforeEach(async () => {
    place = await ClusterPlace.create();
    flow = await CastFlow.open(place);
  });

  afterEach(async () => {
    await flow.close();
    await cluster('start', 'rabbit1');
    await place.drop();
  });

  it('loses nothing of more than 5,000 casts when the leader of the host queue is killed', async () => {
    expect(await place.leaderOf(HOST_QUEUE)).to.equal('rabbit1');
    await place.startWorker('rabbit2', 'galera1');
    await place.startWorker('rabbit3', 'galera1');
    const sending = flow.send(100);
    await until('1,500 of them are sent', () => flow.count >= 1500);
    await cluster('kill', 'rabbit1');
    await until('5,000 of them are sent', () => flow.count >= 5000);
    flow.stop();
    await sending;
    await flow.expectNothingLost();
    expect(await place.leaderOf(HOST_QUEUE)).to.not.equal('rabbit1');
  });

  it('loses nothing when the node that leads the queue and serves a worker is cut off from the others', async () => {
    const cutOff = await place.startWorker('rabbit1', 'galera1');
    await place.startWorker('rabbit2', 'galera1');
    const sending = flow.send(100, 500);
    await flow.endMore(500);
    await cluster('partition', 'rabbit1');
    try {
      // RabbitMQ closes it when the node pauses itself. From 4.3 on, the node goes on, and the worker's probe finds out.
      await cutOff.says('lost the connection to RabbitMQ');
      await flow.endMore(500);
    } finally {
      await cluster('heal', 'rabbit1');
    }
    flow.stop();
    await sending;
    await flow.expectNothingLost();
  });
});
