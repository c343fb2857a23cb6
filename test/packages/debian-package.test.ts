import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect } from 'chai';

import { version } from '../../src/version.js';
import { CommandPlace, HOST } from '../../testkit/fixtures/command-place.js';
import { BareDebian } from '../../testkit/servers/bare-debian.js';
import { createDatabase } from '../../testkit/servers/database.js';

const run = promisify(execFile);

const INSTALL = 'apt-get --quiet --yes -o Dpkg::Options::=--force-confold install';
const UNITS = '/usr/lib/systemd/system/netprov-worker.service /usr/lib/systemd/system/netprov-api.service';
/** Of 100, where 0 is best: systemd-analyze multiplies what it prints by 10. */
const EXPOSURE = 19;

describe('the Debian package', () => {
  const place = new CommandPlace();
  let folder: string;
  let file: string;
  let debian: BareDebian;
  let tracesBefore: string;
  /** Files of netprov's name; a world has some of its own. */
  const traces = (): Promise<string> =>
    debian.run('find / -xdev -name "*netprov*" -not -path "/root/*" -not -path "/var/cache/*" | sort');

  before(async function () {
    // Debian is installed, and the package is made.
    this.timeout(1_200_000);
    await place.open();
    folder = mkdtempSync(join(tmpdir(), 'netprov-deb-'));
    await run('script/package', ['--built', '--output', folder, 'deb']);
    file = join(folder, `netprov_${version}_all.deb`);
    debian = await BareDebian.make();
    tracesBefore = await traces();
  });
  beforeEach(() => place.renew());
  afterEach(() => place.clear());
  after(async () => {
    await debian.remove();
    await place.close();
    rmSync(folder, { recursive: true });
  });

  it('has nothing that lintian finds', async () => {
    const { stdout } = await run('lintian', ['--allow-root', '--fail-on', 'error,warning', file]);
    expect(stdout).to.equal('');
  });

  it('is installed with its user, configuration, logs, units and completion, and starts nothing', async () => {
    await debian.run(`${INSTALL} ${await debian.put(file)}`);
    expect(await debian.run('netprov --version')).to.match(new RegExp(`^${version} \\(commit \\S+\\)\n$`));
    expect(await debian.run('getent passwd netprov')).to.match(/:\/nonexistent:\/usr\/sbin\/nologin\n$/);
    expect(await debian.run(`stat --format '%a %U %G' /etc/netprov/local.yaml /var/log/netprov`)).to.equal(
      '640 root netprov\n2750 netprov adm\n',
    );
    expect(await debian.run('systemctl is-enabled netprov-worker netprov-api || true')).to.equal(
      'disabled\ndisabled\n',
    );
    expect(
      await debian.run('bash -c ". /usr/share/bash-completion/completions/netprov; complete -p netprov"'),
    ).to.match(/^complete -F /);
    expect(await debian.run('dpkg --verify netprov')).to.equal('');
  });

  it('has units that systemd understands, and that expose little', async () => {
    expect(await debian.run(`systemd-analyze verify --man=no ${UNITS} 2>&1`)).to.equal('');
    await debian.run(`systemd-analyze security --no-pager --offline=true --threshold=${EXPOSURE} ${UNITS}`);
  });

  it("runs a worker as its user, with the configuration in /etc, and rotates the worker's log", async () => {
    const database = place.opened.add(await createDatabase({ migrated: false }), (one) => one.drop());
    const local = join(folder, 'local.yaml');
    writeFileSync(
      local,
      [
        `host: ${HOST}`,
        `transport_url: ${place.broker.url()}`,
        `database: { connection: '${database.connection}' }`,
        'health: { port: 0 }',
      ].join('\n'),
    );
    await debian.run(`cat ${await debian.put(local)} > /etc/netprov/local.yaml`);
    await debian.run('runuser -u netprov -- netprov db upgrade');
    await debian.run(`
      log=/var/log/netprov/worker.log
      umask 027
      NETPROV_LOG_FILE=$log setpriv --reuid netprov --regid netprov --init-groups netprov worker &
      until grep --silent 'the worker is ready' $log; do
        kill -0 $! || { cat $log; exit 1; }
        sleep 1
      done
      logrotate --force /etc/logrotate.d/netprov
      kill -HUP $!
      until grep --silent SIGHUP $log 2>/dev/null; do sleep 1; done
      kill -TERM $!
      wait $!`);
    expect(await debian.run(`stat --format '%n %a %U %G' /var/log/netprov/*`)).to.equal(
      '/var/log/netprov/worker.log 640 netprov adm\n/var/log/netprov/worker.log.1 640 netprov adm\n',
    );
  });

  it('is upgraded, and what the operator configured stays', async () => {
    const next = join(folder, 'netprov_next_all.deb');
    const tree = join(folder, 'next');
    await run('dpkg-deb', ['--raw-extract', file, tree]);
    await run('sed', ['-i', `s/^Version: .*/&+next/`, join(tree, 'DEBIAN/control')]);
    await run('sh', ['-c', `echo '# one line more' >> ${tree}/etc/netprov/local.yaml`]);
    await run('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z1', '--build', tree, next]);
    await debian.run(`${INSTALL} ${await debian.put(next)}`);
    expect(await debian.run(`dpkg-query --show --showformat '\${Version}' netprov`)).to.equal(`${version}+next`);
    expect(await debian.run('grep host: /etc/netprov/local.yaml')).to.equal(`host: ${HOST}\n`);
    expect(await debian.run(`stat --format '%a %U %G' /etc/netprov/local.yaml`)).to.equal('640 root netprov\n');
    expect(await debian.run('netprov --version')).to.contain(version);
  });

  it('keeps configuration and logs when it is removed, and leaves nothing but its user when it is purged', async () => {
    await debian.run('apt-get --quiet --yes remove netprov');
    await debian.run('test -f /etc/netprov/local.yaml && test -f /var/log/netprov/worker.log.1');
    await debian.run('apt-get --quiet --yes purge netprov');
    expect(await traces()).to.equal(tracesBefore);
    expect(await debian.run('getent passwd netprov | cut -d: -f1')).to.equal('netprov\n');
  });
});
