import { expect } from 'chai';
import yaml from 'js-yaml';
import type { EntityManager } from 'typeorm';

import { createDatabase, type TestDatabase } from '../support/database.js';
import { json, netprov, Netprov, onTerminal, TIMEOUT, type Ended } from '../support/netprov.js';
import { putBinding, putNode, putOperation } from '../support/on-record.js';
import { until } from '../support/poll.js';

interface Listed {
  operations: Record<string, unknown>[];
  next_marker: string | null;
}

describe('what netprov shows of the record', function () {
  this.timeout(TIMEOUT);
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
  const run = (...args: string[]): Promise<Ended> => netprov(args, env);

  describe('operation list', () => {
    it('prints pages of those that are wanted, for people and programs', async () => {
      const node = await putNode(manager, { name: 'node-1' });
      const moved = { node_uuid: node, finished_at: '2026-01-01 00:00:01.5' };
      await putOperation(manager, { ...moved, id: 'op-1' });
      await putOperation(manager, { ...moved, id: 'op-2', status: 'failed', started_at: '2026-01-01 00:00:01' });
      await putOperation(manager, { id: 'other' });
      const people = await run('operation', 'list', '--node', 'node-1');
      expect(people).to.deep.include({ code: 0, stderr: '' });
      expect(people.stdout).to.match(/op-2.*2026-01-01T00:00:01Z.*0\.5 s.*failed[^]*op-1.*1\.5 s.*succeeded/);
      expect(people.stdout).not.to.contain('other');
      const page = ['operation', 'list', '--node', node, '--limit', '1'];
      const [first, second, third] = await Promise.all([
        run(...page, '--json'),
        run(...page, '--marker', 'op-2', '-o', 'yaml'),
        run(...page, '--marker', 'op-1'),
      ]);
      expect(third).to.deep.equal({ code: 0, stdout: 'no operation\n', stderr: '' });
      expect(json(first)).to.have.property('next_marker', 'op-2');
      expect((json(first) as Listed).operations[0]).to.deep.include({
        id: 'op-2',
        started_at: '2026-01-01T00:00:01.000Z',
      });
      const read = yaml.load(second.stdout) as Listed;
      expect(read.next_marker).to.equal(null);
      expect(read.operations.map(({ id, finished_at: end }) => [id, end])).to.deep.equal([
        ['op-1', '2026-01-01T00:00:01.500Z'],
      ]);
      const narrow = ['--status', 'failed', '--method', 'add_cleaning_network', '--network-type', 'cleaning'];
      const more = ['--host', 'conductor-1', '--provider', 'neutron', '--since', '2026-01-01', '--until', '2026-01-02'];
      const chosen = await run('operation', 'list', ...narrow, ...more, '--limit', '1');
      expect(chosen.stdout)
        .to.match(/op-2/)
        .and.not.match(/op-1|other/);
      expect(chosen.stderr).to.equal('');
    });

    it('colours the status on a terminal alone, and not where NO_COLOR is set', async () => {
      await putOperation(manager);
      const green = '\u001b[32msucceeded\u001b[39m';
      const listed = ['operation', 'list', '--limit', '1'];
      expect(await onTerminal(listed, env)).to.contain(green);
      expect(await onTerminal(listed, { ...env, NO_COLOR: '1' }))
        .to.contain('succeeded')
        .and.not.contain('\u001b');
      const piped = await netprov(listed, { ...env, CI: 'true' });
      expect(piped.stdout).to.contain('succeeded').and.not.contain('\u001b');
    });

    it('refuses with exit code 2 what it does not know', async () => {
      const wrong: [string[], string][] = [
        [['list', '--node', 'missing'], 'no node on record has the name "missing"'],
        [['list', '--marker', 'gone'], 'no operation on record has the id "gone"'],
        [['list', '--json', '-o', 'yaml'], 'cannot be used with'],
      ];
      await Promise.all(
        wrong.map(async ([args, sentence]) => {
          const { code, stdout, stderr } = await run('operation', ...args);
          expect({ code, stdout }, args.join(' ')).to.deep.equal({ code: 2, stdout: '' });
          expect(stderr).to.contain(sentence);
        }),
      );
    });
  });

  describe('operation show', () => {
    it('prints all of it', async () => {
      const node = await putNode(manager);
      const id = await putOperation(manager, { node_uuid: node, request_id: 'req-1', attempts: 2 });
      const port = await putBinding(manager, { node_uuid: node, operation_id: id });
      const { stdout } = await run('operation', 'show', id);
      for (const part of ['request id: req-1', 'attempts: 2', 'status: succeeded', 'result: none yet', port]) {
        expect(stdout).to.contain(part);
      }
      const shown = json(await run('operation', 'show', id, '--json')) as { id: string; standing: object[] };
      expect(shown).to.deep.include({ id, request_id: 'req-1', result: null });
      expect(shown.standing).to.have.length(1);
      const missing = await run('operation', 'show', 'missing');
      expect(missing.code).to.equal(1);
      expect(missing.stderr).to.contain('"missing"').and.to.contain('dead-letter list');
    });
  });

  describe('operation watch', () => {
    const watch = (...args: string[]): Netprov =>
      new Netprov(['operation', 'watch', '--interval', '0.1', ...args], env);
    const begun = { status: 'running', started_at: '2026-01-01 00:00:00', finished_at: null };
    const change = (id: string, assignments: string): Promise<unknown> =>
      manager.query(`UPDATE operations SET ${assignments} WHERE id = ?`, [id]);
    const lines = ({ stdout }: { stdout: string }): Record<string, unknown>[] =>
      stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>);

    it('tells what happens to the operations of a node until Ctrl-C', async () => {
      const node = await putNode(manager);
      await putOperation(manager, { node_uuid: node, id: 'before', finished_at: '2026-01-01 00:00:00' });
      const command = watch('--node', node);
      await command.says('watching');
      const has = (text: RegExp): Promise<unknown> => until(String(text), () => text.test(command.stdout));
      await putOperation(manager, { ...begun, node_uuid: node, id: 'op-1' });
      await has(/began +add_cleaning_network .*op-1/);
      await change('op-1', "last_error = 'Neutron is away'");
      await has(/held .*op-1 .*Neutron is away/);
      await change('op-1', "attempts = 2, last_error = 'timed out'");
      await has(/retried .*op-1 .*attempt 2.*timed out/);
      await change('op-1', "status = 'failed', finished_at = UTC_TIMESTAMP(6)");
      await has(/failed .*op-1 .*after/);
      await change('op-1', "status = 'running', finished_at = NULL, last_error = NULL");
      await has(/failed .*\n.*began .*op-1/);
      await putOperation(manager, { ...begun, id: 'elsewhere' });
      await manager.query(
        `INSERT INTO operations (id, kind, method, node_uuid, status, started_at, finished_at)
         VALUES ('quick', 'cast', 'add_cleaning_network', ?, 'succeeded', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))`,
        [node],
      );
      await has(/succeeded .*quick/);
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
        await until('it began', () => command.stdout.includes('began'));
        await change('later', `status = '${status}', finished_at = UTC_TIMESTAMP(6)`);
        const ended = await command.ended;
        expect({ code: ended.code, stderr: ended.stderr }).to.deep.equal({ code, stderr: '' });
        expect(lines(ended).map(({ event }) => event)).to.deep.equal(['began', status]);
        expect((await watch('later').ended).code).to.equal(code);
      });
    }

    it('ends with 3 when it did not end in time', async () => {
      const { code, stderr } = await watch('never', '--timeout', '0.3').ended;
      expect(code).to.equal(3);
      expect(stderr).to.contain('operation never did not end within 0.3 s');
    });
  });

  describe('binding list', () => {
    it('prints those that are wanted, page by page', async () => {
      const node = await putNode(manager, { name: 'node-1', conductor_host: 'conductor-2' });
      const port = await putBinding(manager, { node_uuid: node, network_type: 'tenant' });
      const other = await putBinding(manager, { node_uuid: await putNode(manager) });
      const { stdout } = await run('binding', 'list');
      expect(stdout).to.match(new RegExp(`node-1.*tenant.*${port}.*ACTIVE.*192\\.0\\.2\\.5[^]*${other}`));
      const narrow = ['--node', 'node-1', '--host', 'conductor-2', '--network-type', 'tenant', '--provider', 'neutron'];
      const chosen = json(await run('binding', 'list', ...narrow, '--json')) as { bindings: object[] };
      expect(chosen.bindings).to.have.length(1);
      expect(chosen.bindings[0]).to.deep.include({ neutron_port_id: port, node_uuid: node });
      const { next_marker: marker } = json(await run('binding', 'list', '--limit', '1', '--json')) as {
        next_marker: number;
      };
      const rest = await run('binding', 'list', '--marker', String(marker));
      expect(rest.stdout).to.contain(other).and.not.to.contain(port);
    });
  });
});
