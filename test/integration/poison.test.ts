import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { METHODS } from '../../src/contract/methods.js';
import { CommandPlace, HOST } from '../../testkit/fixtures/command-place.js';
import { until } from '../../testkit/fixtures/poll.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { connectClient } from '../../testkit/fixtures/worker.js';
import type { Netprov } from '../../testkit/servers/netprov.js';

const TOPIC = 'ironic.network_provider';

/** A plug-in that takes its worker down with it when it is given a node called "deadly"; others take a moment. */
const PLUGIN = `
import { setTimeout as pause } from 'node:timers/promises';
const method = async ({ task }) => {
  if (task.node.name === 'deadly') {
    await pause(50);
    process.kill(process.pid, 'SIGKILL');
  }
  await pause(300);
  return { bindings: [], failures: [] };
};
export default () => ({ ${Object.keys(METHODS)
  .map((name) => `${name}: method`)
  .join(', ')} });
`;

describe('a message that crashes workers', () => {
  const place = new CommandPlace();
  before(() => place.open());
  beforeEach(() => place.renew());
  afterEach(() => place.clear());
  after(() => place.close());

  it('becomes a dead letter after it crashed workers alone; messages that ran beside it do not', async () => {
    const plugin = join(place.directory, 'deadly.mjs');
    writeFileSync(plugin, PLUGIN);
    const env = { NETPROV_PROVIDERS: `{ deadly: ${plugin} }`, NETPROV_DEFAULT_NETWORK_PROVIDER: 'deadly' };
    const { client } = place.opened.add(await connectClient(place.broker), ({ close }) => close());
    const cast = (name: string): Promise<string> =>
      client.cast({ topic: TOPIC, server: HOST }, 'add_cleaning_network', {
        task: sampleTask({ uuid: randomUUID(), name, network_provider: null }),
      });
    const rows = (): Promise<{ id: string; status: string; begun: number; tried_alone: number }[]> =>
      place.database.dataSource.query('SELECT id, status, begun, tried_alone FROM operations');

    let worker: Netprov = await place.startWorker(env);
    const poison = await cast('deadly');
    const others = await Promise.all(Array.from({ length: 20 }, () => cast('harmless')));
    let deaths = 0;
    // It takes at least eight workers, one after the other.
    await until(
      'all have ended',
      async () => {
        if (!worker.running) {
          deaths += 1;
          worker = await place.startWorker(env);
        }
        return (await rows()).filter(({ status }) => status !== 'running').length === others.length + 1;
      },
      280_000,
    );

    const result = await rows();
    expect(result.find(({ id }) => id === poison)).to.include({ status: 'failed', tried_alone: 5 });
    expect(deaths).to.be.at.least(8);
    for (const id of others) expect(result.find((row) => row.id === id)?.status).to.equal('succeeded');
    const letter = await until('a dead letter', () =>
      place.broker.onChannel((channel) => channel.get(`${TOPIC}.dead`, { noAck: true })),
    );
    expect(letter.properties.headers).to.include({ 'netprov-reason': 'poison', 'netprov-operation-id': poison });
    expect((await place.broker.counts(`${TOPIC}.dead`)).ready).to.equal(0);
  });
});
