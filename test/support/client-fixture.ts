import { randomUUID } from 'node:crypto';

import { startApi, type ApiProcess } from './api-process.js';
import { createDatabase, type TestDatabase } from './database.js';
import { required } from './environment.js';
import { SideBySide } from './side-by-side.js';

/** What both keep of a node, by the names of the API; a table of the client's has heads of its own. */
export const NODE = [
  'uuid',
  'name',
  'driver',
  'network_interface',
  'properties',
  'extra',
  'resource_class',
  'instance_uuid',
];
export const PORT = [
  'uuid',
  'address',
  'created_at',
  'extra',
  'node_uuid',
  'local_link_connection',
  'portgroup_uuid',
  'pxe_enabled',
  'physical_network',
  'internal_info',
  'is_smartnic',
];
/** Of nothing. */
export const UNKNOWN = '99999999-9999-4999-8999-999999999999';

/** A real Ironic and `netprov api`, with the real client before them, and the nodes of one test at a time. */
export class ClientFixture {
  /** Resource class of the test's nodes: tells them from what else the real Ironic has. */
  run = '';
  /** Of the test's nodes: in the order of the alphabet, which is ours, and to be made in it, which is Ironic's. */
  uuids: [string, string, string] = ['', '', ''];

  private constructor(
    readonly both: SideBySide,
    private readonly api: ApiProcess,
    private readonly database: TestDatabase,
  ) {}

  /** @param env where the API's servers are, beside a database of its own. */
  static async start(env: Record<string, string> = {}): Promise<ClientFixture> {
    const ironic = required('NETPROV_IRONIC_ENDPOINT');
    const database = await createDatabase();
    const api = await startApi({ NETPROV_DATABASE_URL: database.connection, ...env }).catch(async (error: unknown) => {
      await database.drop();
      throw error;
    });
    const both = new SideBySide({ ironic, netprov: api.endpoint });
    return new ClientFixture(both, api, database);
  }

  /** The URL of `netprov api`. */
  get endpoint(): string {
    return this.api.endpoint;
  }

  /** For a worker beside the API. */
  get databaseEnv(): Record<string, string> {
    return { NETPROV_DATABASE_URL: this.database.connection };
  }

  async stop(): Promise<void> {
    await this.both.stop();
    await this.api.stop();
    await this.database.drop();
  }

  /** For beforeEach. */
  begin(): void {
    this.run = randomUUID().slice(0, 8);
    this.uuids = [randomUUID(), randomUUID(), randomUUID()].sort() as typeof this.uuids;
  }

  /** For afterEach: the test's nodes go, and their ports and portgroups with them. */
  async clear(): Promise<void> {
    await this.both.run(`node delete ${this.uuids.join(' ')}`);
  }

  /** Makes one of the test's nodes on both; answers with what both show of it. */
  enroll(number: 0 | 1 | 2, options: string): Promise<unknown> {
    const always = `--driver fake-hardware --network-interface neutron --resource-class ${this.run}`;
    return this.both.same(NODE, `node create ${always} --uuid ${this.uuids[number]} ${options}`);
  }

  /** A name that only this test uses. */
  name(of: string): string {
    return `${of}-${this.run}`;
  }
}
