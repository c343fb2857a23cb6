import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

import { expect } from 'chai';

import type { Authenticator, Identity } from '../../src/api/auth/authenticator.js';
import { scriptedTools } from '../../testkit/fakes/scripted-tools.js';
import { TestApi } from '../../testkit/fixtures/api-client.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';

/** Readers of a project, or of the whole system: the token is the project's id. */
class ProjectReaders implements Authenticator {
  authenticate({ 'x-auth-token': token }: IncomingHttpHeaders): Promise<Identity> {
    const systemScope = token === 'system';
    const project = systemScope ? null : { id: String(token), name: String(token), domainId: 'default' };
    return Promise.resolve({ userId: 'u', userName: 'u', roles: ['reader'], systemScope, project });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

describe('the networks that nodes are on, in the REST API', () => {
  let database: TestDatabase;
  let api: TestApi;
  const [leased, others] = [randomUUID(), randomUUID()];

  before(async () => {
    database = await createDatabase();
    const known = new Map([[leased, 'blue']]);
    const tools = { ...scriptedTools(), networkNames: () => Promise.resolve(known) };
    api = await TestApi.start(database.dataSource, { authenticator: new ProjectReaders(), tools });
    for (const [network, lessee] of [
      [leased, 'lessee'],
      [others, null],
      [others, null],
    ]) {
      const node = randomUUID();
      await database.dataSource.query(
        `INSERT INTO nodes (uuid, lessee, driver_info, instance_info, task_digest) VALUES (?, ?, '{}', '{}', '')`,
        [node, lessee],
      );
      await database.dataSource.query(
        `INSERT INTO port_bindings (node_uuid, network_type, network_provider, operation_id, port_uuid, neutron_port_id,
           network_id, host_id, vnic_type, vif_type, status, mac_address, fixed_ips, profile)
         VALUES (?, 'tenant', 'neutron', 'o', ?, ?, ?, 'h', 'baremetal', 'other', 'ACTIVE', '52:54:00:00:00:01', '[]', '{}')`,
        [node, randomUUID(), randomUUID(), network],
      );
    }
  });
  after(async () => {
    await api.close();
    await database.drop();
  });

  const ask = async (who: string, query = ''): Promise<unknown> => {
    api.token = who;
    return (await api.get(`/v1/networks${query}`)).body['networks'];
  };

  it('have names, as far as Neutron knows them', async () => {
    expect(await ask('system')).to.have.deep.members([
      { id: leased, name: 'blue' },
      { id: others, name: null },
    ]);
  });

  it('are for a lessee those of its nodes', async () => {
    expect(await ask('lessee')).to.deep.equal([{ id: leased, name: 'blue' }]);
    expect(await ask('another')).to.deep.equal([]);
  });

  it('come in pages, each network once', async () => {
    const [first] = (await ask('system', '?limit=1')) as { id: string }[];
    const rest = (await ask('system', `?limit=1&marker=${first?.id ?? ''}`)) as { id: string }[];
    expect([first?.id, ...rest.map(({ id }) => id)]).to.deep.equal([leased, others].sort());
  });
});
