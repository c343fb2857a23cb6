import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect } from 'chai';

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
