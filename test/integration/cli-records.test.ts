import { expect } from 'chai';
import yaml from 'js-yaml';
import type { EntityManager } from 'typeorm';

import { putBinding, putNode, putOperation, putPort } from '../../testkit/fixtures/on-record.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';
import { type Ended, json, netprov, onTerminal } from '../../testkit/servers/netprov.js';

interface Listed {
  operations: Record<string, unknown>[];
  next_marker: string | null;
}

describe('netprov commands that show records', () => {
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

  describe('node', () => {
    it('lists nodes with their networks, in pages', async () => {
      const uuids = [];
      for (const name of ['node-1', 'node-2', 'node-3']) uuids.push(await putNode(manager, { name }));
      uuids.sort();
      const [one = '', two = '', three = ''] = uuids;
      await manager.query("UPDATE nodes SET network_provider = 'flat', conductor_host = 'other' WHERE uuid = ?", [
        three,
      ]);
      await putBinding(manager, { node_uuid: one });
      const [all, page, chosen] = await Promise.all([
        run('node', 'list'),
        run('node', 'list', '--limit', '1', '--marker', one, '--json'),
        run('node', 'list', '--provider', 'flat', '--host', 'other'),
      ]);
      expect(all).to.deep.include({ code: 0, stderr: '' });
      expect(all.stdout).to.match(
        new RegExp(`${one}.*none \\(default\\).*cleaning[^]*${two}[^]*${three}.*flat.*other`),
      );
      const { nodes, next_marker: next } = json(page) as { nodes: { uuid: string }[]; next_marker: string };
      expect(nodes.map(({ uuid }) => uuid)).to.deep.equal([two]);
      expect(next).to.equal(two);
      expect(chosen.stdout).to.contain(three).and.not.contain(one);
    });

    it('shows a node by its name, with its bindings and ports', async () => {
      const node = await putNode(manager, { name: 'node-1', network_provider: 'neutron' });
      const port = await putBinding(manager, {
        node_uuid: node,
        operation_id: 'op-1',
        bound_at: '2026-01-01 00:00:00',
      });
      await putPort(manager, { node_uuid: node, address: '52:54:00:00:00:01' });
      const [people, programs, missing] = await Promise.all([
        run('node', 'show', 'node-1'),
        run('node', 'show', node, '-o', 'yaml'),
        run('node', 'show', 'node-9'),
      ]);
      for (const part of [
        'network provider: neutron',
        'network: cleaning',
        'since: 2026-01-01T00:00:00Z',
        'op-1',
        port,
      ]) {
        expect(people.stdout).to.contain(part);
      }
      expect(people.stdout).to.match(/52:54:00:00:00:01.*tor-1 Ethernet1/);
      const read = yaml.load(programs.stdout) as { uuid: string; network: { bindings: object[] }; ports: object[] };
      expect(read).to.deep.include({ uuid: node, network_provider: 'neutron' });
      expect([read.network.bindings.length, read.ports.length]).to.deep.equal([1, 1]);
      expect(missing).to.deep.equal({ code: 1, stdout: '', stderr: 'netprov: Node node-9 could not be found.\n' });
    });

    it('changes the provider and the name of a node, and says why a change is refused', async () => {
      const node = await putNode(manager, { name: 'node-1' });
      const bound = await putNode(manager, { name: 'bound' });
      await putBinding(manager, { node_uuid: bound });
      const changes = ['--network-provider', 'neutron', '--name', 'renamed', '--owner', 'p1', '--lessee', 'p2'];
      const set = await run('node', 'set', 'node-1', ...changes, '--json');
      const projects = { owner: 'p1', lessee: 'p2' };
      expect(json(set)).to.deep.equal({ uuid: node, name: 'renamed', network_provider: 'neutron', ...projects });
      const listed = async (...which: string[]): Promise<unknown> =>
        (json(await run('node', 'list', ...which, '--json')) as { nodes: { uuid: string }[] }).nodes.map(
          ({ uuid }) => uuid,
        );
      expect(await listed('--owner', 'p1', '--lessee', 'p2')).to.deep.equal([node]);
      expect(await listed('--owner', 'p2')).to.deep.equal([]);
      const noop = await run('node', 'set', 'renamed', '--network-provider', 'noop', '--json');
      expect(json(noop)).to.include({ network_provider: 'none' });
      expect(await listed('--provider', 'noop')).to.deep.equal([node]);
      const unset = await run('node', 'unset', 'renamed', '--network-provider', '--lessee');
      expect(unset).to.deep.equal({
        code: 0,
        stdout: `node ${node}: name renamed, network provider -, owner p1, lessee -\n`,
        stderr: '',
      });
      const [inUse, unknown, nothing] = await Promise.all([
        run('node', 'set', 'bound', '--network-provider', 'neutron'),
        run('node', 'set', 'renamed', '--network-provider', 'acme'),
        run('node', 'set', 'renamed'),
      ]);
      expect(inUse.code).to.equal(1);
      expect(inUse.stderr).to.contain('network provider is changed');
      expect(unknown.code).to.equal(1);
      expect(unknown.stderr).to.match(/"acme" is unknown; known names: none, /);
      expect(nothing.code).to.equal(2);
      const rows = await manager.query<{ network_provider: string | null }[]>('SELECT network_provider FROM nodes');
      expect(rows).to.deep.equal([{ network_provider: null }, { network_provider: null }]);
    });
  });

  describe('operation list', () => {
    it('prints pages of the selected operations, as tables and for programs', async () => {
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

    it('colors the status only on a terminal, and not when NO_COLOR is set', async () => {
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

    it('refuses unknown values with exit code 2', async () => {
      for (const name of ['twins', 'twins']) await putNode(manager, { name });
      const wrong: [string[], string][] = [
        [['list', '--node', 'twins'], 'several nodes have the name "twins": give a UUID, such as '],
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
    it('prints every field of the operation', async () => {
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

  describe('binding list', () => {
    it('prints the selected bindings, in pages', async () => {
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
