import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

import { expect } from 'chai';

import type { Authenticator, Identity } from '../../src/api/auth/authenticator.js';
import type { OperationResult } from '../../src/contract/types.js';
import { patchOf, type TestAnswer, TestApi } from '../../testkit/fixtures/api-client.js';
import { randomMac } from '../../testkit/fixtures/samples.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';

/** What a role brings with it in Keystone. */
const IMPLIED = ['reader', 'member', 'manager', 'admin'];

/** People, as they come with their tokens: role and scope, such as `admin of owner`. */
class ByTitle implements Authenticator {
  authenticate({ 'x-auth-token': title }: IncomingHttpHeaders): Promise<Identity> {
    const [role = '', project = ''] = String(title).split(' of ');
    const roles = role === 'service' ? [role] : IMPLIED.slice(0, IMPLIED.indexOf(role) + 1);
    const system = project === 'system';
    return Promise.resolve({
      userId: 'u',
      userName: 'u',
      roles,
      systemScope: system,
      project: system ? null : { id: project, name: project, domainId: 'default' },
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const PEOPLE = [
  ...['admin of system', 'member of system', 'reader of system'],
  ...['admin of owner', 'manager of owner', 'member of owner', 'reader of owner', 'service of owner'],
  ...['admin of lessee', 'manager of lessee', 'member of lessee', 'reader of lessee'],
  ...['admin of another', 'service of service'],
];

describe('the policy for nodes that belong to a project', () => {
  let database: TestDatabase;
  let api: TestApi;
  let [node, other, port, group, operation] = ['', '', '', '', ''];
  const vif = randomUUID();

  before(async () => {
    database = await createDatabase();
    const nothing = { vifs: [] } as unknown as OperationResult;
    api = await TestApi.start(database.dataSource, {
      authenticator: new ByTitle(),
      client: { call: () => Promise.resolve(nothing) },
    });
    api.token = 'admin of system';
    node = String((await api.create('nodes', { name: 'n', owner: 'owner', lessee: 'lessee' }))['uuid']);
    other = String((await api.create('nodes', { name: 'n2', owner: 'others' }))['uuid']);
    port = String((await api.create('ports', { node_uuid: node, address: randomMac() }))['uuid']);
    group = String((await api.create('portgroups', { node_uuid: node, name: 'g' }))['uuid']);
    for (const of of [node, other]) {
      const address = randomMac();
      await api.create('portgroups', { node_uuid: of, name: `bond-of-${of === node ? 'n' : 'n2'}` });
      if (of === other) await api.create('ports', { node_uuid: of, address });
      operation = randomUUID();
      await database.dataSource.query(
        `INSERT INTO operations (id, kind, method, node_uuid, status, started_at, finished_at)
         VALUES (?, 'cast', 'add_cleaning_network', ?, 'succeeded', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))`,
        [operation, of],
      );
    }
    const [own] = await database.dataSource.query<{ id: string }[]>('SELECT id FROM operations WHERE node_uuid = ?', [
      node,
    ]);
    operation = own?.id ?? '';
  });

  after(async () => {
    await api.close();
    await database.drop();
  });

  const as = (who: string, method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, body?: unknown) => {
    api.token = who;
    return api.ask(method, url, body);
  };
  const patch = (who: string, url: string, fields: Record<string, unknown>) => as(who, 'PATCH', url, patchOf(fields));
  /** Statuses in the order of PEOPLE: y is success, n is 403, - is 404. */
  async function table(ask: (who: string) => Promise<TestAnswer>): Promise<string> {
    const letters: string[] = [];
    for (const who of PEOPLE) {
      const { status } = await ask(who);
      letters.push(status < 300 ? 'y' : ({ 403: 'n', 404: '-' }[status] ?? String(status)));
    }
    return letters.join('');
  }

  it("is the same as Ironic's, request by request", async () => {
    const url = `/v1/nodes/${node}`;
    const get = (path: string) => table((who) => as(who, 'GET', path));
    const change = (fields: () => Record<string, unknown>, of = url) => table((who) => patch(who, of, fields()));
    const count = { now: 0 };
    const fresh = (): string => `x${count.now++}`;
    //                      amr = system; ammrs = owner; ammr = lessee; then strangers
    const seen = 'yyy' + 'yyyyy' + 'yyyy' + '--';
    for (const path of [url, `${url}/ports`, `${url}/portgroups`, `${url}/vifs`, `${url}/network`, '/v1/nodes/n']) {
      expect(await get(path), path).to.equal(seen);
    }
    for (const path of [`/v1/ports/${port}`, `/v1/portgroups/${group}`, '/v1/portgroups/g', `/v1/ports?node=n`]) {
      expect(await get(path), path).to.equal(seen);
    }
    expect(await get(`/v1/operations/${operation}`)).to.equal('yyy' + 'yyyyy' + 'nnnn' + '--');
    expect(await get(`/v1/operations/${randomUUID()}`)).to.equal('-'.repeat(PEOPLE.length));
    const all = 'y'.repeat(PEOPLE.length);
    for (const path of ['/v1/nodes', '/v1/ports/detail', '/v1/portgroups', '/v1/operations']) {
      expect(await get(path), path).to.equal(all);
    }

    const members = 'yyn' + 'yyynn' + 'yyyn' + '--';
    const owners = 'yyn' + 'yyyny' + 'nnnn' + '--';
    const interfaces = 'yyn' + 'yynny' + 'nnnn' + '--';
    expect(await change(() => ({ description: fresh() })), 'description').to.equal(members);
    expect(await change(() => ({ extra: { a: fresh() } })), 'extra').to.equal(members);
    expect(await change(() => ({ driver_info: { cleaning_network: fresh() } })), 'driver_info').to.equal(owners);
    expect(await change(() => ({ name: 'n', properties: { a: fresh() } })), 'name, properties').to.equal(owners);
    expect(await change(() => ({ lessee: 'lessee' })), 'lessee').to.equal(owners);
    expect(await change(() => ({ owner: 'owner' })), 'owner').to.equal('yyn' + 'nnnnn' + 'nnnn' + '--');
    for (const name of ['network_provider', 'network_interface', 'boot_interface']) {
      expect(await change(() => ({ [name]: 'none' })), name).to.equal(interfaces);
    }
    expect(await change(() => ({ extra: {}, owner: 'owner' })), 'two rules').to.equal('yyn' + 'nnnnn' + 'nnnn' + '--');
    expect(await change(() => ({ extra: { a: fresh() } }), `/v1/ports/${port}`), 'port').to.equal(interfaces);
    expect(await change(() => ({ extra: { a: fresh() } }), '/v1/portgroups/g'), 'group').to.equal(interfaces);

    const makes = 'ynn' + 'yynny' + 'nnnn' + 'nn';
    const made = (resource: string) =>
      table((who) => as(who, 'POST', `/v1/${resource}`, { node_uuid: node, address: randomMac() }));
    expect(await made('ports')).to.equal(makes);
    expect(await made('portgroups')).to.equal(makes);
    const nowhere = await table((who) =>
      as(who, 'POST', '/v1/ports', { node_uuid: randomUUID(), address: randomMac() }),
    );
    expect(nowhere.replaceAll('400', '?'), 'no such node').to.equal('?nn' + 'nnnnn' + 'nnnn' + 'nn');

    const attaches = 'yyn' + 'yyyny' + 'yynn' + '--';
    expect(await table((who) => as(who, 'POST', `${url}/vifs`, { id: vif }))).to.equal(attaches);
    expect(await table((who) => as(who, 'DELETE', `${url}/vifs/${vif}`))).to.equal(attaches);
    const events = {
      events: [{ event: 'network.unbind_port', port_id: vif, mac_address: randomMac(), status: 'DOWN' }],
    };
    const posted = await table((who) => as(who, 'POST', '/v1/events', events));
    expect(posted.replaceAll('503', 'y')).to.equal('ynn' + 'nnnnn' + 'nnnn' + 'ny');
  });

  it('names the rule that a caller lacks, and answers 404 for nodes that the caller may not see', async () => {
    const unchanged = (who: string) => patch(who, `/v1/nodes/${node}`, {}).then(({ status }) => status);
    expect([await unchanged('admin of system'), await unchanged('reader of system')]).to.deep.equal([200, 403]);
    const refused = await patch('member of lessee', `/v1/nodes/${node}`, { extra: {}, owner: 'lessee' });
    expect(refused.fault).to.equal('Access was denied to the following resource: baremetal:node:update:owner');
    for (const [ident, url] of [
      ['n', '/v1/nodes/n'],
      [node, `/v1/nodes/${node}`],
    ] as const) {
      expect((await as('admin of another', 'GET', url)).fault).to.equal(`Node ${ident} could not be found.`);
    }
    expect((await as('admin of another', 'GET', `/v1/ports/${port}`)).fault).to.equal(
      `Port ${port} could not be found.`,
    );
  });

  it('lists only what the caller may see, in pages too', async () => {
    const uuids = async (who: string, url: string, resource: string): Promise<string[]> => {
      api.token = who;
      return api.walk(url, resource);
    };
    for (const who of ['reader of owner', 'reader of lessee', 'service of owner']) {
      if (who !== 'service of owner') {
        expect(await uuids(who, '/v1/nodes?limit=1', 'nodes'), who).to.deep.equal([node]);
        expect(await uuids(who, '/v1/nodes?owner=others', 'nodes'), who).to.deep.equal([]);
      }
      for (const resource of ['ports', 'portgroups']) {
        const { body } = await as(who, 'GET', `/v1/${resource}/detail?limit=20`);
        const nodes = new Set((body[resource] as { node_uuid: string }[]).map(({ node_uuid }) => node_uuid));
        expect([...nodes], `${who} ${resource}`).to.deep.equal([node]);
      }
    }
    expect(await uuids('reader of system', '/v1/nodes', 'nodes')).to.have.members([node, other]);
    expect(await uuids('admin of another', '/v1/nodes', 'nodes')).to.deep.equal([]);
    expect((await as('reader of owner', 'GET', '/v1/nodes?project=others')).status).to.equal(403);
    expect((await as('admin of another', 'GET', `/v1/nodes?marker=${node}`)).status).to.equal(404);
    expect((await as('admin of another', 'GET', `/v1/ports?marker=${port}`)).status).to.equal(404);
    const operations = async (who: string): Promise<unknown[]> =>
      (await as(who, 'GET', '/v1/operations')).body['operations'] as unknown[];
    expect(await operations('reader of system')).to.have.length(2);
    expect(await operations('reader of owner')).to.have.length(1);
    expect(await operations('reader of lessee')).to.have.length(0);
  });

  it('redacts driver_info for a lessee, in lists and alone', async () => {
    await patch('admin of system', `/v1/nodes/${node}`, { driver_info: { cleaning_network: 'secret-net' } });
    for (const url of [
      `/v1/nodes/${node}`,
      `/v1/nodes/${node}?fields=driver_info`,
      '/v1/nodes?fields=driver_info',
      '/v1/nodes/detail',
    ]) {
      expect(JSON.stringify((await as('reader of lessee', 'GET', url)).body), url)
        .to.include('** Redacted - requires baremetal:node:get:driver_info permission. **')
        .and.not.include('secret-net');
      expect(JSON.stringify((await as('reader of owner', 'GET', url)).body), url).to.include('secret-net');
    }
  });

  it('lets a project make nodes of its own, and delete them', async () => {
    const made = await as('admin of another', 'POST', '/v1/nodes', { name: 'own' });
    expect([made.status, made.body['owner']]).to.deep.equal([201, 'another']);
    const stolen = await as('admin of another', 'POST', '/v1/nodes', { owner: 'owner' });
    expect([stolen.status, stolen.fault]).to.deep.equal([
      400,
      'Cannot create a node as a project scoped admin with an owner other than your own project.',
    ]);
    expect((await as('member of another', 'POST', '/v1/nodes', {})).status).to.equal(403);
    expect((await as('manager of another', 'DELETE', '/v1/nodes/own')).status).to.equal(403);
    expect((await as('admin of owner', 'DELETE', '/v1/nodes/own')).status).to.equal(404);
    expect((await as('admin of another', 'DELETE', '/v1/nodes/own')).status).to.equal(204);
  });

  it('lets only administrators of the system change the owner of an active node', async () => {
    await database.dataSource.query("UPDATE nodes SET provision_state = 'active' WHERE uuid = ?", [other]);
    const url = `/v1/nodes/${other}`;
    const refused = await patch('member of system', url, { owner: 'another' });
    expect([refused.status, refused.fault]).to.deep.equal([
      409,
      `Cannot update owner of node "${other}" while it is in state "active".`,
    ]);
    expect((await patch('admin of system', url, { owner: 'another' })).status).to.equal(200);
  });

  it("finds the caller's node by its name, even if another project's node has the same name", async () => {
    for (const owner of ['another', 'third']) {
      const { uuid } = await api.create('nodes', { owner });
      await database.dataSource.query("UPDATE nodes SET name = 'twin' WHERE uuid = ?", [uuid]);
    }
    expect((await as('reader of another', 'GET', '/v1/nodes/twin')).body['owner']).to.equal('another');
    expect((await as('reader of owner', 'GET', '/v1/nodes/twin')).status).to.equal(404);
    expect((await as('reader of system', 'GET', '/v1/nodes/twin')).status).to.equal(409);
  });
});
