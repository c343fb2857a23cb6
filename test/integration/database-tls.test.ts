import { expect } from 'chai';
import type { DataSource } from 'typeorm';

import { pause } from '../../src/async/pause.js';
import { openDatabase, upgrade } from '../../src/state/index.js';
import { Cleanup } from '../../testkit/fixtures/cleanup.js';
import { recordingLogger } from '../../testkit/fixtures/log.js';
import { until } from '../../testkit/fixtures/poll.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { TcpProxy } from '../../testkit/proxies/tcp-proxy.js';
import { CertificateAuthority } from '../../testkit/servers/certificates.js';
import { OwnMariadb } from '../../testkit/servers/own-mariadb.js';

const TIMEOUT = 2000;

describe('A database with TLS', () => {
  const opened = new Cleanup();
  const authority = new CertificateAuthority('the right one');
  const other = new CertificateAuthority('the wrong one');
  let server: OwnMariadb;

  before(async () => {
    const { certFile, keyFile } = authority.issue('server', 'IP:127.0.0.1,DNS:db.example.org');
    const ca = `--ssl-ca=${authority.file}`;
    server = await OwnMariadb.start([`--ssl-cert=${certFile}`, `--ssl-key=${keyFile}`, ca]);
    await server.query("CREATE USER 'secure'@'127.0.0.1' REQUIRE SSL");
    await server.query("CREATE USER 'certified'@'127.0.0.1' REQUIRE X509");
    await server.query("GRANT ALL ON netprov.* TO 'secure'@'127.0.0.1', 'certified'@'127.0.0.1'");
  });
  afterEach(() => opened.run());
  after(async () => {
    await server.stop();
    authority.remove();
    other.remove();
  });

  async function connect(
    query: string,
    user = 'secure',
    places = `127.0.0.1:${server.port}`,
    statementTimeout = 60_000,
  ): Promise<DataSource> {
    const { log, lines } = recordingLogger();
    said = lines;
    const connection = `mysql://${user}@${places}/netprov?${query}`;
    const options = { connection, maxPoolSize: 3, connectTimeout: 10_000, statementTimeout, log };
    return opened.add(await openDatabase(options), (one) => one.destroy());
  }
  let said: string[] = [];

  async function cipher(dataSource: DataSource): Promise<string> {
    const [row] = await dataSource.query<{ Value: string }[]>("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
    return row?.Value ?? '';
  }

  it('is reached with TLS when its certificate is signed by the authority, and has its address', async () => {
    const dataSource = await connect(`ssl_ca=${authority.file}`);
    expect(await cipher(dataSource)).to.match(/^TLS_|GCM|CHACHA/);
    await upgrade(dataSource);
  });

  it('is not reached without TLS by a user that needs it', async () => {
    expect(await rejection(connect(''))).to.have.property('code', 'ER_ACCESS_DENIED_ERROR');
  });

  it('is not reached when an unknown authority signed its certificate', async () => {
    for (const query of [`ssl_ca=${other.file}`, 'ssl=true', `ssl_ca=${other.file}&ssl_verify_identity=false`]) {
      const error = await rejection(connect(query));
      expect(error, query).to.have.property('code', 'HANDSHAKE_SSL_ERROR');
      expect(String(error), query).to.match(/self.signed certificate|unable to verify/);
    }
  });

  it('is not reached by a name or address that its certificate lacks, unless verification is off', async () => {
    const proxy = opened.add(await TcpProxy.start({ hostname: '127.0.0.1', port: server.port }), (one) => one.stop());
    const places = `localhost:${proxy.port}`;
    const error = await rejection(connect(`ssl_ca=${authority.file}`, 'secure', places));
    expect(String(error)).to.match(/does not match certificate's altnames.*localhost/);
    expect(
      await cipher(await connect(`ssl_ca=${authority.file}&ssl_verify_identity=false`, 'secure', places)),
    ).not.to.equal('');
    expect(await cipher(await connect('ssl=1&ssl_verify_cert=false', 'secure', places))).not.to.equal('');
  });

  it('receives our client certificate', async () => {
    const { certFile, keyFile } = authority.issue('client', 'DNS:netprov');
    const query = `ssl_ca=${authority.file}&ssl_cert=${certFile}&ssl_key=${keyFile}`;
    expect(await cipher(await connect(query, 'certified'))).not.to.equal('');
    expect(await rejection(connect(`ssl_ca=${authority.file}`, 'certified'))).to.have.property(
      'code',
      'ER_ACCESS_DENIED_ERROR',
    );
  });

  it('is replaced by another host when it hangs, but not when it is idle', async () => {
    const target = { hostname: '127.0.0.1', port: server.port };
    const [first, second] = [await TcpProxy.start(target), await TcpProxy.start(target)];
    for (const proxy of [first, second]) opened.add(proxy, (one) => one.stop());
    const places = `127.0.0.1:${first.port},127.0.0.1:${second.port}`;
    const dataSource = await connect(`ssl_ca=${authority.file}`, 'secure', places, TIMEOUT);
    await pause(TIMEOUT * 1.5);
    await dataSource.query('SELECT 1');
    expect([first.connections > 0, second.connections, ...said]).to.deep.equal([true, 0]);
    first.hang();
    await until('another host is used', () =>
      dataSource.query('SELECT 1').then(
        () => true,
        () => false,
      ),
    );
    expect(second.connections).to.be.greaterThan(0);
    expect(said.join('\n')).to.contain('switched to another database host').and.to.contain('no answer within 2 s');
    first.resume();
  });
});
