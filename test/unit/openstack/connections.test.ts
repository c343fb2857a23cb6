import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect } from 'chai';
import { type SinonFakeTimers, spy, useFakeTimers } from 'sinon';
import type { buildConnector } from 'undici';

import { spaced } from '../../../src/openstack/connections.js';
import { HttpClient } from '../../../src/openstack/http.js';
import { until } from '../../../testkit/fixtures/poll.js';

const OPTIONS = { cafile: null, certfile: null, keyfile: null, insecure: false, timeout: 60, max_connections: 32 };

describe("an HTTP client's connections", () => {
  let server: Server;
  let client: HttpClient;
  /** How many requests came over each connection, in the order in which the server took the connections. */
  let served: number[];
  /** Lets the server answer the requests that it holds back; null: it answers at once. */
  let held: (() => void)[] | null;

  beforeEach(async () => {
    [served, held] = [[], null];
    const connections = new Map<unknown, number>();
    server = createServer(({ socket }, response) => {
      const connection = connections.get(socket) ?? connections.size;
      connections.set(socket, connection);
      served[connection] = (served[connection] ?? 0) + 1;
      const answer = (): void => {
        response.end('{}');
      };
      if (held) held.push(answer);
      else answer();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    client = new HttpClient('neutron', OPTIONS);
  });

  afterEach(async () => {
    await client.close();
    server.close();
    await once(server, 'close');
  });

  const ask = (): Promise<unknown> =>
    client.send({
      call: 'list_ports',
      method: 'GET',
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    });

  it('are one for requests that are sent one after the other', async () => {
    for (let count = 0; count < 5; count++) await ask();
    expect(served).to.deep.equal([5]);
  });

  it('are one for each request that is sent side by side, and are used again', async () => {
    held = [];
    const answers = [ask(), ask(), ask()];
    await until('three requests', () => held?.length === 3);
    expect(served).to.deep.equal([1, 1, 1]);
    for (const answer of held.splice(0)) answer();
    await Promise.all(answers);
    held = null;
    for (let count = 0; count < 4; count++) await ask();
    expect(served.reduce((sum, number) => sum + number, 0)).to.equal(7);
    expect(served).to.have.length(3);
  });
});

describe('connections to a server of several processes', () => {
  let clock: SinonFakeTimers;
  const options = { hostname: 'neutron', protocol: 'http:', port: '9696' };

  beforeEach(() => {
    clock = useFakeTimers();
  });

  afterEach(() => {
    clock.restore();
  });

  it('are opened 10 ms apart, the first one 10 ms after it is asked for', () => {
    const opened: number[] = [];
    const connect = spaced((_, callback) => {
      opened.push(Date.now());
      callback(new Error('refused'), null);
    });
    const outcomes = spy<buildConnector.Callback>(() => undefined);
    for (let count = 0; count < 3; count++) connect(options, outcomes);
    expect(opened).to.deep.equal([]);
    clock.tick(100);
    expect(opened).to.deep.equal([10, 20, 30]);
    connect(options, outcomes);
    clock.tick(100);
    expect(opened).to.deep.equal([10, 20, 30, 110]);
    expect(outcomes.args.map(([error]) => error?.message)).to.deep.equal(Array(4).fill('refused'));
  });
});
