import type { TlsOptions } from 'node:tls';

import { expect } from 'chai';

import { RpcConnection, type SslOptions } from '../../src/amqp/index.js';
import { Cleanup } from '../../testkit/fixtures/cleanup.js';
import { recordingLogger } from '../../testkit/fixtures/log.js';
import { until } from '../../testkit/fixtures/poll.js';
import { TcpProxy } from '../../testkit/proxies/tcp-proxy.js';
import { TestBroker } from '../../testkit/servers/broker.js';
import { CertificateAuthority } from '../../testkit/servers/certificates.js';

/** TLS ends in a proxy in front of the broker's plain port; the handshakes and certificates are real. */
describe('RpcConnection over TLS', () => {
  const cleanup = new Cleanup();
  const { log, lines } = recordingLogger();
  let ours: CertificateAuthority;
  let other: CertificateAuthority;
  let broker: TestBroker;

  before(() => {
    ours = new CertificateAuthority('ours');
    other = new CertificateAuthority('other');
  });
  after(() => {
    ours.remove();
    other.remove();
  });
  beforeEach(async () => {
    lines.length = 0;
    broker = cleanup.add(await TestBroker.create(), (one) => one.drop());
  });
  afterEach(() => cleanup.run());

  async function listen(subjectAltName: string, options: TlsOptions = {}): Promise<TcpProxy> {
    const { cert, key } = ours.issue('server', subjectAltName);
    return cleanup.add(await TcpProxy.start(broker.host, { cert, key, ...options }), (one) => one.stop());
  }

  function connection(transportUrl: string, ssl: Partial<SslOptions>): RpcConnection {
    const reconnect = { initialDelay: 20, maxDelay: 200 };
    const options = { transportUrl, ssl: { ssl: true, ...ssl }, heartbeat: 5, reconnect, connectionName: 'tls', log };
    return cleanup.add(new RpcConnection(options), (one) => one.close());
  }

  async function refusal(one: RpcConnection): Promise<string> {
    one.connect().catch(() => undefined);
    return (await until('a refusal', () => one.lastError)).message;
  }

  it('accepts a certificate of the authority in ssl_ca_file', async () => {
    const proxy = await listen('IP:127.0.0.1');
    const one = connection(broker.url(proxy.port), { ssl_ca_file: ours.file });
    await one.connect();
    expect(one.state).to.equal('connected');
  });

  it('reads its options from the query of transport_url, too', async () => {
    const proxy = await listen('IP:127.0.0.1');
    const query = `?ssl=true&ssl_ca_file=${encodeURIComponent(ours.file)}`;
    await connection(broker.url(proxy.port) + query, { ssl: false }).connect();
  });

  it('refuses a certificate of another authority', async () => {
    const proxy = await listen('IP:127.0.0.1');
    const one = connection(broker.url(proxy.port), { ssl_ca_file: other.file });
    expect(await refusal(one)).to.match(/unable to verify|certificate/);
  });

  it('refuses an authority that the system does not know, when no ssl_ca_file is given', async () => {
    const proxy = await listen('IP:127.0.0.1');
    expect(await refusal(connection(broker.url(proxy.port), {}))).to.match(/certificate/);
  });

  it('refuses a certificate for another host, unless verification is off', async () => {
    const proxy = await listen('DNS:rabbit.example.org');
    const strict = connection(broker.url(proxy.port), { ssl_ca_file: ours.file });
    expect(await refusal(strict)).to.contain('127.0.0.1');
    const lax = { ssl_ca_file: ours.file, ssl_enforce_hostname_verification: false };
    await connection(broker.url(proxy.port), lax).connect();
    // The chain counts even so.
    const wrong = { ssl_ca_file: other.file, ssl_enforce_hostname_verification: false };
    expect(await refusal(connection(broker.url(proxy.port), wrong))).to.match(/certificate/);
  });

  it('checks the name that transport_url has', async () => {
    const proxy = await listen('DNS:localhost');
    const url = broker.url(proxy.port).replace('@127.0.0.1:', '@localhost:');
    await connection(url, { ssl_ca_file: ours.file }).connect();
  });

  it('sends its client certificate', async () => {
    const proxy = await listen('IP:127.0.0.1', { ca: ours.pem, requestCert: true, rejectUnauthorized: true });
    const { certFile, keyFile } = ours.issue('worker', 'DNS:worker');
    const login = { ssl_ca_file: ours.file, ssl_cert_file: certFile, ssl_key_file: keyFile };
    await connection(broker.url(proxy.port), login).connect();
    const anonymous = connection(broker.url(proxy.port), { ssl_ca_file: ours.file });
    expect(await refusal(anonymous)).to.match(/certificate|handshake|socket|reset|closed/i);
  });

  it('says that a file is missing', async () => {
    const proxy = await listen('IP:127.0.0.1');
    const one = connection(broker.url(proxy.port), { ssl_ca_file: '/nonexistent/ca.pem' });
    expect(await refusal(one)).to.contain("ENOENT: no such file or directory, open '/nonexistent/ca.pem'");
  });

  it('fails without TLS on a TLS port, and with TLS on a plain one', async () => {
    const proxy = await listen('IP:127.0.0.1');
    await refusal(connection(broker.url(proxy.port), { ssl: false }));
    await refusal(connection(broker.url(), { ssl_ca_file: ours.file }));
    expect(lines.some((line) => line.startsWith('info: connected'))).to.equal(false);
  });
});
