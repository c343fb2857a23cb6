import { expect } from 'chai';

import { IronicClient } from '../../../src/ironic/client.js';
import type { ServiceOptions } from '../../../src/openstack/service-options.js';
import { rejection } from '../../../testkit/fixtures/rejection.js';
import { type Fate, HttpProxy, type ProxiedRequest } from '../../../testkit/proxies/http-proxy.js';
import { neutronOptions } from '../../../testkit/servers/neutron.js';

const NODE = { uuid: 'n1', name: null, network_interface: 'neutron', reservation: null, conductor: 'c' };
const PORT = { uuid: 'p1', node_uuid: 'n1', internal_info: {} };

describe("the client of Ironic's API", () => {
  let server: HttpProxy;
  const clients: IronicClient[] = [];

  beforeEach(async () => {
    server = await HttpProxy.start('http://127.0.0.1:9');
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
    await server.stop();
  });

  function open(options: Partial<ServiceOptions> = {}): IronicClient {
    const client = new IronicClient(neutronOptions({ endpoint_override: `${server.url}/v1/`, timeout: 5, ...options }));
    clients.push(client);
    return client;
  }
  const answer = (body: unknown, status = 200): void => {
    server.fate = () => ({ status, body });
  };
  const queryOf = ({ path }: Pick<ProxiedRequest, 'path'>): URLSearchParams => new URL(path, server.url).searchParams;

  it('reads all pages, each from the last item of the page before', async () => {
    server.fate = (request): Fate => {
      const marker = queryOf(request).get('marker');
      const next = 'http://10.0.0.1:6385/v1/nodes/detail?marker=from-elsewhere';
      if (marker === null) return { status: 200, body: { nodes: [NODE], next } };
      return { status: 200, body: { nodes: [{ ...NODE, uuid: 'n2' }] } };
    };
    const pages: string[][] = [];
    for await (const page of open().pagesOfNodes()) pages.push(page.map(({ uuid }) => uuid));
    expect(pages).to.deep.equal([['n1'], ['n2']]);
    expect(server.summary()).to.deep.equal(['GET /v1/nodes/detail', 'GET /v1/nodes/detail']);
    expect(server.requests.map((request) => queryOf(request).get('marker'))).to.deep.equal([null, 'n1']);
    expect(server.requests[0]?.headers['x-openstack-ironic-api-version']).to.equal('1.66');
  });

  it('asks for the fields that are read, of one node or of all', async () => {
    answer({ ports: [PORT] });
    expect(await open().parts('ports', 'n1')).to.deep.equal([PORT]);
    const [request] = server.requests;
    if (!request) throw new Error('no request');
    expect(queryOf(request).get('node')).to.equal('n1');
    expect(queryOf(request).get('fields')?.split(',')).to.include.members(['internal_info', 'portgroup_uuid']);
  });

  it('finds no node where Ironic has none', async () => {
    answer({ error_message: { faultstring: 'Node n1 could not be found.' } }, 404);
    expect(await open().node('n1')).to.equal(null);
  });

  it("gives Ironic's reason of a refusal, in each of the forms that Ironic has", async () => {
    const client = open();
    for (const error_message of [
      { faultstring: 'no such thing' },
      '{"faultstring": "no such thing"}',
      '{"code": 406, "description": "no such thing"}',
      'no such thing',
    ]) {
      answer({ error_message }, 406);
      const error = await rejection(client.parts('ports'));
      expect(error).to.include({ code: 'ironic_refused', status: 406, transient: false });
      expect(error?.message).to.equal('GET /v1/ports was answered with 406 no such thing');
    }
    answer(undefined, 500);
    expect((await rejection(client.node('n1')))?.message).to.contain('was answered with 500');
  });

  it('names the field that an answer lacks, and what to check', async () => {
    answer({ ports: [{ uuid: 'p1', node_uuid: 'n1' }] });
    const error = await rejection(open().parts('ports'));
    expect(error).to.include({ code: 'ironic_unusable' });
    expect(error?.message).to.contain('has no usable ports.0.internal_info').and.to.contain('ironic.endpoint_override');
    answer(undefined);
    expect((await rejection(open().parts('ports')))?.message).to.contain('check that Ironic listens');
  });

  it('names the option that is missing', async () => {
    const error = await rejection(open({ endpoint_override: null }).node('n1'));
    expect(error).to.include({ code: 'ironic_auth' });
    expect(error?.message).to.contain('ironic.endpoint_override is not set');
  });

  it('gets a token and the endpoint from Keystone, and another token when one is refused', async () => {
    let issued = 0;
    server.fate = ({ path, headers }): Fate => {
      if (path.startsWith('/v3/auth/tokens')) {
        const [issued_at, expires_at] = ['2001-01-01T00:00:00.000000Z', '2001-01-01T01:00:00.000000Z'];
        const catalog = [
          { type: 'network', endpoints: [{ interface: 'public', url: 'http://127.0.0.1:9' }] },
          { type: 'baremetal', endpoints: [{ interface: 'public', url: `${server.url}/v1` }] },
        ];
        return {
          status: 201,
          body: { token: { issued_at, expires_at, catalog } },
          headers: { 'x-subject-token': `secret-token-${++issued}` },
        };
      }
      return headers['x-auth-token'] === 'secret-token-2' ? { status: 200, body: NODE } : { status: 401, body: {} };
    };
    const credentials = { username: 'u', password: 'the-password', project_name: 'p', auth_url: server.url };
    const client = open({ auth_type: 'password', endpoint_override: null, ...credentials });
    expect(await client.node('n1')).to.include({ uuid: 'n1' });
    expect(issued).to.equal(2);
    server.fate = () => ({ status: 401, body: {} });
    expect((await rejection(client.node('n1')))?.message).to.contain('check ironic.username, ironic.password');
  });
});
