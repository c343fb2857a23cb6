import { EventEmitter } from 'node:events';

import { expect } from 'chai';
import sinon from 'sinon';

import type { Link } from '../../../src/amqp/link.js';
import { probeNode } from '../../../src/amqp/node-probe.js';

const OPTIONS = { queue: 'topic', interval: 10_000, timeout: 30_000 };

/** A real node that hangs: test/integration/rpc-connection.test.ts, and test/cluster/broker-nodes.test.ts. */
describe('the probe of a RabbitMQ node', () => {
  let clock: sinon.SinonFakeTimers;
  let declare: sinon.SinonStub;
  let cut: sinon.SinonSpy;
  let end: (reason: Error) => void;
  let link: Link;
  let isExcused: boolean;
  let endProbe: () => void;

  beforeEach(() => {
    clock = sinon.useFakeTimers();
    declare = sinon.stub();
    cut = sinon.spy();
    isExcused = false;
    const channel = Object.assign(new EventEmitter(), {
      assertQueue: declare,
      deleteQueue: () => Promise.resolve(),
      close: () => Promise.resolve(),
    });
    const ended = new Promise<Error>((resolve) => (end = resolve));
    link = { model: { createChannel: () => Promise.resolve(channel) }, ended, cut } as unknown as Link;
    endProbe = probeNode(link, OPTIONS, () => isExcused);
  });
  afterEach(() => {
    endProbe();
    clock.restore();
  });

  it('declares a queue of its own after each interval, and is content with any answer', async () => {
    declare.onFirstCall().resolves();
    declare.onSecondCall().rejects(new Error('ACCESS_REFUSED'));
    await clock.tickAsync(25_000);
    expect(declare.callCount).to.equal(2);
    expect(declare.firstCall.args[0]).to.match(/^topic_probe_[0-9a-f-]{36}$/);
    expect(declare.firstCall.args[1]).to.include({ exclusive: true });
    await clock.tickAsync(60_000);
    expect(cut.callCount).to.equal(0);
  });

  it('cuts the connection when there is no answer in time, and says why', async () => {
    declare.returns(new Promise(() => undefined));
    await clock.tickAsync(39_999);
    expect(cut.callCount).to.equal(0);
    await clock.tickAsync(1);
    expect(String(cut.firstCall.args[0])).to.contain('did not declare a queue within 30 s').and.contain('cluster');
  });

  it('goes on when the node has a reason not to answer', async () => {
    declare.returns(new Promise(() => undefined));
    isExcused = true;
    await clock.tickAsync(120_000);
    expect(cut.callCount).to.equal(0);
    expect(declare.callCount).to.be.greaterThan(1);
  });

  it('has no opinion of a connection that has ended, or that nobody probes any more', async () => {
    declare.returns(new Promise(() => undefined));
    await clock.tickAsync(15_000);
    end(new Error('lost'));
    endProbe();
    await clock.tickAsync(120_000);
    expect(cut.callCount).to.equal(0);
    expect(declare.callCount).to.equal(1);
  });
});
