import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { expect } from 'chai';

import { Cleanup } from '../../testkit/fixtures/cleanup.js';
import { until } from '../../testkit/fixtures/poll.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { QUEUES, WaitingCasts } from '../../testkit/fixtures/waiting-casts.js';
import { OwnServices } from '../../testkit/servers/own-services.js';

const NODES = Array.from({ length: 6 }, () => randomUUID());
/** More often than RabbitMQ 4 lets a message come back if its queue has no limit. */
const RETURNS = 25;

/** The numbers of messages in the queues, when all are in the host's queue or in that of the dead letters. */
const waiting = (casts: number, dead: number): number[] => [0, casts, 0, dead];

describe('RabbitMQ 3.10 and MariaDB 10.11, with casts waiting, and the servers of newer Debian suites', function () {
  // Each begins where the one before ended.
  this.bail(true);
  // The users of worlds must be able to go into it.
  mkdirSync('.services', { recursive: true });
  const folder = mkdtempSync(resolve('.services/upgrade-'));
  chmodSync(folder, 0o755);
  const older = new OwnServices(join(folder, 'old'));
  const newer = new OwnServices(join(folder, 'new'), 'trixie');
  const newest = new OwnServices(join(folder, 'new'), 'forky');
  const opened = new Cleanup();
  let old: WaitingCasts;
  let now: WaitingCasts;
  /** What was on record before the upgrade, by operation. */
  const recorded = new Map<string, unknown>();
  let dead: string[];

  const open = async (services: OwnServices): Promise<WaitingCasts> =>
    opened.add(await WaitingCasts.on(services), (one) => one.close());

  before(async () => {
    old = await open(older);
    await old.run('db', 'upgrade');
    await old.run('topology', 'declare', '--host', 'conductor-1');
    await old.listen();
    await old.castAll(NODES, ['add_cleaning_network', 'remove_cleaning_network']);
    await old.sendUnreadable();
    await old.workOff(2 * NODES.length);
    for (const id of [...old.cast.values()].flat()) recorded.set(id, await old.show(id));
    dead = await old.deadLetters();
    await old.castAll(NODES, ['add_provisioning_network', 'remove_provisioning_network']);
  });
  after(async () => {
    await opened.run();
    for (const services of [newest, newer, older]) await services.run('down');
    rmSync(folder, { recursive: true });
  });

  /** The data of the older servers, as the user of the world finds it. */
  const copy = (): void => {
    execFileSync('cp', ['--archive', older.folder, newer.folder]);
    const { uid } = statSync('.services/worlds/trixie/home');
    execFileSync('chown', ['--recursive', `${uid}:${uid}`, newer.folder]);
  };

  it('a cast may come back to its queue more often than RabbitMQ 4 allows by default', async () => {
    expect(await old.comeBack(RETURNS)).to.equal(RETURNS);
    expect(await old.depths()).to.deep.equal(waiting(2 * NODES.length, 1));
  });

  it('RabbitMQ 4.0 does not start on the data of 3.10, and says why', async () => {
    await opened.run();
    await older.run('down', '--keep');
    copy();
    await older.run('up');
    expect(String(await rejection(newer.run('up')))).to.contain('failed_to_initialize_feature_flags_registry');
    expect(readFileSync(join(newer.folder, 'log/rabbitmq.log'), 'utf8')).to.match(
      /Feature flags: `\w+`: required feature flag not enabled! It must be enabled before upgrading RabbitMQ/,
    );
    rmSync(join(newer.folder, 'rabbitmq'), { recursive: true });
  });

  it('MariaDB 11.8 opens the data of 10.11: every operation and result is as it was', async () => {
    now = await open(newer);
    for (const [node, ids] of old.cast) now.cast.set(node, [...ids]);
    await now.run('db', 'upgrade');
    for (const [id, operation] of recorded) expect(await now.show(id)).to.deep.equal(operation);
  });

  it('shovels move what waits in RabbitMQ 3.10 to RabbitMQ 4.0', async () => {
    await now.run('topology', 'declare', '--host', 'conductor-1');
    await newer.run('rabbitmq-plugins', 'enable', 'rabbitmq_shovel');
    const source = (old.env['NETPROV_TRANSPORT_URL'] ?? '').replace('rabbit:', 'amqp:') + '%2F';
    for (const queue of QUEUES) {
      const shovel = {
        ...{ 'src-protocol': 'amqp091', 'src-uri': source, 'src-queue': queue, 'src-delete-after': 'queue-length' },
        ...{ 'dest-protocol': 'amqp091', 'dest-uri': 'amqp:///%2F', 'dest-queue': queue, 'ack-mode': 'on-confirm' },
      };
      await newer.run('rabbitmqctl', 'set_parameter', 'shovel', queue, JSON.stringify(shovel));
    }
    const moved = String(waiting(2 * NODES.length, 1));
    await until('everything is in the new queues', async () => String(await now.depths()) === moved);
    expect(await old.depths()).to.deep.equal(waiting(0, 0));
    expect(await now.deadLetters()).to.deep.equal(dead);
    await older.run('down');
  });

  /** Works off the casts that wait, and expects each done once, and those of a node in their order. */
  const expectDone = async (): Promise<void> => {
    const done = now.results.length;
    await now.listen();
    const ids = [...now.cast].map(([node, all]) => [node, all.filter((id) => !recorded.has(id))] as const);
    await now.workOff(ids.flatMap(([, own]) => own).length);
    const results = now.results.slice(done);
    for (const [node, own] of ids) {
      const ofNode = results.filter(({ node_uuid }) => node_uuid === node);
      expect(ofNode.map(({ operation_id }) => operation_id)).to.deep.equal(own);
      expect(ofNode.every(({ status }) => status === 'succeeded')).to.equal(true);
    }
    expect(await now.depths()).to.deep.equal(waiting(0, 1));
    for (const id of ids.flatMap(([, own]) => own)) recorded.set(id, await now.show(id));
  };

  it('there, a cast still may come back that often, and each is done once, in its order', async () => {
    await now.comeBack(RETURNS);
    expect(await now.depths()).to.deep.equal(waiting(2 * NODES.length, 1));
    for (const [node, ids] of old.cast) now.cast.set(node, [...ids]);
    await expectDone();
  });

  it('RabbitMQ 4.3 opens the data of 4.0 once its feature flags are enabled: casts wait there as before', async () => {
    await now.castAll(NODES, ['add_cleaning_network', 'remove_cleaning_network']);
    await now.comeBack(RETURNS);
    const { cast } = now;
    await opened.run();
    await newer.run('rabbitmqctl', 'enable_feature_flag', 'all');
    await newer.run('down', '--keep');
    now = await open(newest);
    for (const [node, ids] of cast) now.cast.set(node, ids);
    expect(await now.depths()).to.deep.equal(waiting(2 * NODES.length, 1));
    expect(await now.deadLetters()).to.deep.equal(dead);
    for (const [id, operation] of recorded) expect(await now.show(id)).to.deep.equal(operation);
  });

  it('there too, a cast may come back often, and each is done once, in its order', async () => {
    await now.comeBack(RETURNS);
    await expectDone();
  });
});
