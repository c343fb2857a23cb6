import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect } from 'chai';

import { version } from '../../src/version.js';
import { CommandPlace, HOST } from '../../testkit/fixtures/command-place.js';
import { createDatabase } from '../../testkit/servers/database.js';

const run = promisify(execFile);

describe('the npm package, installed in a new folder', () => {
  const place = new CommandPlace();
  let folder: string;
  let program: string;

  before(async () => {
    await place.open();
    folder = mkdtempSync(join(tmpdir(), 'netprov-npm-'));
    // As it was built: a test does not build again what it is made of.
    const { stdout } = await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder]);
    writeFileSync(join(folder, 'package.json'), '{}');
    await run('npm', ['install', '--no-audit', '--no-fund', `./${stdout.trim()}`], { cwd: folder });
    program = join(folder, 'node_modules/.bin/netprov');
  });
  beforeEach(() => place.renew());
  afterEach(() => place.clear());
  after(async () => {
    await place.close();
    rmSync(folder, { recursive: true });
  });

  it('has the command netprov, which says its version and the commit that it was built of', async () => {
    const { stdout } = await run('npx', ['--no-install', 'netprov', '--version'], { cwd: folder });
    const commit = (await readFile('dist/commit', 'utf8')).trim();
    expect(stdout).to.equal(`${version} (commit ${commit})\n`);
  });

  it('has migrations, configuration, contract, units and documentation, and nothing of the tests', async () => {
    const { stdout } = await run('find', ['.', '-type', 'f', '-not', '-path', './node_modules/*'], {
      cwd: join(folder, 'node_modules/ironic-network-provider'),
    });
    const files = stdout.split('\n');
    expect(files).to.include.members([
      './config/default.yaml',
      './config/custom-environment-variables.yaml',
      './docs/operations.md',
      './LICENSE',
      './packaging/systemd/netprov-worker.service',
      './proto/network_provider.proto',
    ]);
    expect(files.filter((name) => /\/(test|testkit|bench|chaos|script)\/|\.map$/.test(name))).to.deep.equal([]);
  });

  it('makes the tables, and runs a worker that answers and stops', async () => {
    const database = place.opened.add(await createDatabase({ migrated: false }), (one) => one.drop());
    const env = { NETPROV_DATABASE_URL: database.connection };
    expect(await place.start(['db', 'upgrade'], env, program).ended).to.deep.include({ code: 0 });
    const worker = place.start(['worker', '--host', HOST], env, program);
    await worker.says('the worker is ready');
    const ping = await place.start(['ping', '--host', HOST], {}, program).ended;
    expect(ping).to.deep.include({ code: 0 });
    const { port } = new URL(/address=(\S+)/.exec(worker.stderr)?.[1] ?? '');
    const check = join(folder, 'node_modules/ironic-network-provider/packaging/healthcheck.mjs');
    await run(process.execPath, [check], { env: { ...process.env, NETPROV_HEALTH_PORT: port } });
    worker.kill('SIGTERM');
    expect(await worker.ended).to.deep.include({ code: 0 });
  });

  it('is a module that other programs import', async () => {
    const script = `import { NetworkProviderClient } from 'ironic-network-provider'; console.log(NetworkProviderClient.name)`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: folder });
    expect(stdout).to.equal('NetworkProviderClient\n');
  });

  it('completes commands in bash', async () => {
    const { stdout } = await run(program, ['completion', 'bash']);
    expect(stdout).to.contain('complete -F').and.to.contain('dead-letter');
  });
});
