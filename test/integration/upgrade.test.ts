import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import type { RpcClient } from '../../src/rpc/index.js';
import { CommandPlace } from '../../testkit/fixtures/command-place.js';
import { until } from '../../testkit/fixtures/poll.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { connectClient } from '../../testkit/fixtures/worker.js';
import { Netprov } from '../../testkit/servers/netprov.js';

const TOPIC = 'ironic.network_provider';
const HOSTS = ['conductor-1', 'conductor-2'];
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The last commit whose schema had no owners of queues. */
const OLDER = 'cb10c4c0';

/** Builds the older version from the repository's history. Answers where its command is. */
function buildOlder(directory: string): string {
  mkdirSync(directory);
  let archive: Buffer;
  try {
    archive = execFileSync('git', ['-C', ROOT, 'archive', OLDER], { maxBuffer: 64 * 1024 * 1024, stdio: 'pipe' });
  } catch (error) {
    throw new Error(`commit ${OLDER} is needed: git fetch --unshallow`, { cause: error });
  }
  execFileSync('tar', ['-x', '-C', directory], { input: archive });
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  // As npm would run it: Debian's Node.js comes without npm.
  const { scripts } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as {
    scripts: { build: string };
  };
  const env = { ...process.env, PATH: `${join(directory, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}` };
  execFileSync('sh', ['-c', scripts.build], { cwd: directory, env, stdio: 'pipe' });
  return join(directory, 'bin/netprov');
}

describe('workers that are replaced while requests come', () => {
  const place = new CommandPlace();
  let client: RpcClient;
  let closeClient: () => Promise<void>;
  before(() => place.open());
  beforeEach(async () => {
    await place.renew();
    ({ client, close: closeClient } = await connectClient(place.broker));
  });
  afterEach(async () => {
    await closeClient();
    await place.clear();
  });
  after(() => place.close());

  const start = async (program?: string): Promise<Netprov> => {
    const worker = place.start(['worker', ...HOSTS.flatMap((host) => ['--host', host])], {}, program);
    await worker.says('the worker is ready');
    return worker;
  };
  /** One call after the other for each host, each to a node of its own, until it is told to stop. */
  /** Calls to every host, one after the other. `more` resolves when so many further ones were answered. */
  function callAllTheTime(): { more: (answers: number) => Promise<void>; stop: () => Promise<unknown[]> } {
    let stopping = false;
    let answered = 0;
    const failed: unknown[] = [];
    const callers = [...HOSTS, ...HOSTS].map(async (server) => {
      const task = sampleTask({ uuid: randomUUID() });
      while (!stopping) {
        await client.call({ topic: TOPIC, server }, 'add_cleaning_network', { task }, { timeout: 240 }).then(
          () => (answered += 1),
          (error: unknown) => failed.push(error),
        );
      }
    });
    return {
      more: async (answers) => {
        const begin = answered;
        await until(`${answers} more calls are answered`, () => answered >= begin + answers);
      },
      stop: async () => {
        stopping = true;
        await Promise.all(callers);
        return failed;
      },
    };
  }

  it('fails no call while all workers are restarted, one after the other', async () => {
    const workers = [await start(), await start()];
    const calling = callAllTheTime();
    for (const worker of workers) {
      await calling.more(20);
      expect((await worker.stop()).code).to.equal(0);
      await start();
    }
    await calling.more(20);
    expect(await calling.stop()).to.deep.equal([]);
  });

  it('fails no call when one is killed', async () => {
    const [first] = [await start(), await start()];
    const calling = callAllTheTime();
    await calling.more(20);
    first.kill('SIGKILL');
    await first.ended;
    await calling.more(50);
    expect(await calling.stop()).to.deep.equal([]);
  });

  it('may have the previous version, which works on the newer schema and hands over in both directions', async () => {
    const program = buildOlder(join(place.directory, 'older'));
    const older = await start(program);
    const [host = ''] = HOSTS;
    const call = (task: object): Promise<unknown> =>
      client.call({ topic: TOPIC, server: host }, 'add_cleaning_network', { task }, { timeout: 240 });
    const node = randomUUID();
    const task = sampleTask({ uuid: node });
    await call(task);
    const newer = await start();
    const calling = callAllTheTime();
    await calling.more(20);
    expect((await older.stop()).code).to.equal(0);
    await calling.more(20);
    await call(task);
    const again = await start(program);
    expect((await newer.stop()).code).to.equal(0);
    await calling.more(20);
    await call(task);
    expect(await calling.stop()).to.deep.equal([]);
    const rows = await place.database.dataSource.query<{ status: string; epoch: string | null }[]>(
      'SELECT status, epoch FROM operations WHERE node_uuid = ? ORDER BY started_at',
      [node],
    );
    expect(rows.map(({ status }) => status)).to.deep.equal(['succeeded', 'succeeded', 'succeeded']);
    expect(rows.map(({ epoch }) => epoch !== null)).to.deep.equal([false, true, false]);
    await until('nothing waits', async () => (await place.broker.counts(`${TOPIC}.${host}`)).ready === 0);
    await again.stop();
  });
});
