import { expect } from 'chai';
import type { EntityManager } from 'typeorm';

import { putNode, putOperation } from '../../testkit/fixtures/on-record.js';
import { TcpProxy } from '../../testkit/proxies/tcp-proxy.js';
import { type ApiProcess, startApi } from '../../testkit/servers/api-process.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';
import { Netprov } from '../../testkit/servers/netprov.js';

describe('netprov operation watch', () => {
  let database: TestDatabase;
  let manager: EntityManager;
  let env: Record<string, string>;
  before(async () => {
    database = await createDatabase();
    manager = database.dataSource.manager;
    env = { NETPROV_DATABASE_URL: database.connection };
  });
  after(() => database.drop());
  afterEach(async () => {
    await manager.query('DELETE FROM operations');
    await manager.query('DELETE FROM nodes');
  });

  const watch = (...args: string[]): Netprov => new Netprov(['operation', 'watch', '--interval', '0.1', ...args], env);
  const begun = { status: 'running', started_at: '2026-01-01 00:00:00', finished_at: null };
  const change = (id: string, assignments: string): Promise<unknown> =>
    manager.query(`UPDATE operations SET ${assignments} WHERE id = ?`, [id]);
  const lines = ({ stdout }: { stdout: string }): Record<string, unknown>[] =>
    stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it("prints the events of a node's operations until Ctrl-C", async () => {
    const node = await putNode(manager);
    await putOperation(manager, { node_uuid: node, id: 'before', finished_at: '2026-01-01 00:00:00' });
    const command = watch('--node', node);
    await command.says('watching');
    await putOperation(manager, { ...begun, node_uuid: node, id: 'op-1' });
    await command.prints(/began +add_cleaning_network .*op-1/);
    await change('op-1', "last_error = 'Neutron is away'");
    await command.prints(/held .*op-1 .*Neutron is away/);
    await change('op-1', "attempts = 2, last_error = 'timed out'");
    await command.prints(/retried .*op-1 .*attempt 2.*timed out/);
    await change('op-1', "status = 'failed', finished_at = UTC_TIMESTAMP(6)");
    await command.prints(/failed .*op-1 .*after/);
    await change('op-1', "status = 'running', finished_at = NULL, last_error = NULL");
    await command.prints(/failed .*\n.*began .*op-1/);
    await putOperation(manager, { ...begun, id: 'elsewhere' });
    await manager.query(
      `INSERT INTO operations (id, kind, method, node_uuid, status, started_at, finished_at)
       VALUES ('quick', 'cast', 'add_cleaning_network', ?, 'succeeded', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))`,
      [node],
    );
    await command.prints(/succeeded .*quick/);
    command.kill('SIGINT');
    const { code, stdout } = await command.ended;
    expect(code).to.equal(0);
    expect(stdout).not.to.match(/before|elsewhere/);
  });

  for (const [status, code] of [
    ['succeeded', 0],
    ['failed', 1],
  ] as const) {
    it(`ends with ${code} when the operation that it was asked for has ${status}`, async () => {
      const command = watch('later', '--json');
      await putOperation(manager, { ...begun, id: 'later' });
      await command.prints('began');
      await change('later', `status = '${status}', finished_at = UTC_TIMESTAMP(6)`);
      const ended = await command.ended;
      expect(ended.code).to.equal(code);
      expect(lines(ended).map(({ event }) => event)).to.deep.equal(['began', status]);
      const again = await watch('later', '--json').ended;
      expect({ code: again.code, stderr: again.stderr }).to.deep.equal({ code, stderr: '' });
    });
  }

  it('continues after the database was away', async () => {
    const url = new URL(database.connection);
    const proxy = await TcpProxy.start({ hostname: url.hostname, port: Number(url.port) });
    url.port = String(proxy.port);
    const command = new Netprov(['operation', 'watch', 'held', '--interval', '0.1', '--json'], {
      NETPROV_DATABASE_URL: url.href,
    });
    try {
      await putOperation(manager, { ...begun, id: 'held' });
      await command.prints('began');
      await proxy.down();
      await command.says('the database cannot be reached; trying again');
      await proxy.up();
      await change('held', "status = 'succeeded', finished_at = UTC_TIMESTAMP(6)");
      expect((await command.ended).code).to.equal(0);
    } finally {
      await command.stop();
      await proxy.stop();
    }
  });

  it('ends with exit code 3 when the operation does not end in time', async () => {
    const { code, stderr } = await watch('never', '--timeout', '0.3').ended;
    expect(code).to.equal(3);
    expect(stderr).to.contain('operation never did not end within 0.3 s');
  });

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`says once that what it waits for is not on record, and ends with ${code} on ${signal}`, async () => {
      const command = watch('never', '--json');
      await command.says('no operation on record has the id "never": it has not begun');
      command.kill(signal);
      const ended = await command.ended;
      expect({ code: ended.code, stdout: ended.stdout }).to.deep.equal({ code, stdout: '' });
      expect(ended.stderr.match(/dead-letter list/g)).to.have.length(1);
      expect(ended.stderr).to.contain('operation never had not ended');
    });
  }

  it('says that the followed operation is no longer on record', async () => {
    const node = await putNode(manager);
    await putOperation(manager, { ...begun, id: 'gone', node_uuid: node });
    const command = watch('gone', '--node', node);
    await command.prints('began');
    expect(command.stderr).to.not.contain('no operation on record');
    await manager.query(`DELETE FROM operations WHERE id = 'gone'`);
    await command.says('no operation on record has the id "gone" and the given node or host');
    command.kill('SIGINT');
    expect((await command.ended).code).to.equal(130);
  });

  it('ends on Ctrl-C even while the database hangs', async () => {
    const url = new URL(database.connection);
    const proxy = await TcpProxy.start({ hostname: url.hostname, port: Number(url.port) });
    url.port = String(proxy.port);
    const command = new Netprov(['operation', 'watch', 'held', '--interval', '0.1', '--json'], {
      NETPROV_DATABASE_URL: url.href,
      // Without it, the test would take as long as a statement may.
      NETPROV_DATABASE_STATEMENT_TIMEOUT: '3600',
    });
    try {
      await putOperation(manager, { ...begun, id: 'held' });
      await command.prints('began');
      proxy.hang();
      command.kill('SIGINT');
      expect((await command.ended).code).to.equal(130);
    } finally {
      await command.stop();
      await proxy.stop();
    }
  });
});

describe('netprov operation watch --api-url', () => {
  let database: TestDatabase;
  let manager: EntityManager;
  let api: ApiProcess;
  const started: Netprov[] = [];
  before(async () => {
    database = await createDatabase();
    manager = database.dataSource.manager;
    api = await startApi({ NETPROV_DATABASE_URL: database.connection });
  });
  after(async () => {
    await api.stop();
    await database.drop();
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((command) => command.stop()));
    await manager.query('DELETE FROM operations');
    await manager.query('DELETE FROM nodes');
  });

  /** It gets no address of the database. */
  function watch(url: string, ...args: string[]): Netprov {
    const env = { NETPROV_DATABASE_URL: 'mysql://nobody:none@127.0.0.1:1/none' };
    const command = new Netprov(['operation', 'watch', '--api-url', url, ...args], env);
    started.push(command);
    return command;
  }
  const begun = { status: 'running', started_at: '2026-01-01 00:00:00', finished_at: null };
  const end = (id: string, status: string): Promise<unknown> =>
    manager.query('UPDATE operations SET status = ?, finished_at = UTC_TIMESTAMP(6) WHERE id = ?', [status, id]);

  it("prints the events of a node's operations until Ctrl-C", async () => {
    const node = await putNode(manager, { name: 'compute-1' });
    const command = watch(api.endpoint, '--node', 'compute-1');
    await command.says('watching');
    await putOperation(manager, { ...begun, node_uuid: node, id: 'op-1' });
    await putOperation(manager, { ...begun, id: 'elsewhere' });
    await command.prints(/began +add_cleaning_network .*op-1/);
    await end('op-1', 'failed');
    await command.prints(/failed .*op-1 .*after/);
    command.kill('SIGINT');
    const { code, stdout } = await command.ended;
    expect(code).to.equal(0);
    expect(stdout).not.to.contain('elsewhere');
  });

  it('ends with the operation that it was asked for, even if that ended before', async () => {
    const command = watch(api.endpoint, 'later', '--json');
    await command.says('no operation on record has the id "later"');
    await putOperation(manager, { ...begun, id: 'later' });
    await command.prints('"began"');
    await end('later', 'succeeded');
    expect((await command.ended).code).to.equal(0);
    const again = await watch(api.endpoint, 'later', '--json').ended;
    expect(again).to.deep.include({ code: 0, stderr: '' });
    await end('later', 'failed');
    expect((await watch(api.endpoint, 'later').ended).code).to.equal(1);
  });

  it('goes on after the API was away', async () => {
    const { hostname, port } = new URL(api.endpoint);
    const proxy = await TcpProxy.start({ hostname, port: Number(port) });
    const command = watch(`http://127.0.0.1:${proxy.port}`, 'held', '--json');
    try {
      await command.says('no operation on record has the id "held"');
      await proxy.down();
      await command.says('the API cannot be reached; trying again');
      await putOperation(manager, { ...begun, id: 'held' });
      await proxy.up();
      await command.prints('"began"');
      await end('held', 'succeeded');
      expect((await command.ended).code).to.equal(0);
    } finally {
      await command.stop();
      await proxy.stop();
    }
  });

  it('says what the API refuses', async () => {
    const { code, stderr } = await watch(api.endpoint, '--node', 'nobody').ended;
    expect(code).to.equal(2);
    expect(stderr).to.contain('answers 404').and.to.contain('nobody');
  });
});
