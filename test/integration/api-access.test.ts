import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request, type RequestOptions } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';

import { hashSync } from 'bcryptjs';
import { expect } from 'chai';

import { createApi } from '../../src/api/api-server.js';
import { NoAuthentication } from '../../src/api/auth/authenticator.js';
import type { ApiServer } from '../../src/api/http/types.js';
import { type Config, ConfigurationError, loadConfig } from '../../src/config/load.js';
import { silentLogger } from '../../src/log/log.js';
import { tlsFiles } from '../../src/services/api-access.js';
import { apiOptions, noResources } from '../../testkit/fixtures/api.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { CertificateAuthority } from '../../testkit/servers/certificates.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';
import { Netprov, netprov } from '../../testkit/servers/netprov.js';

const PASSWORD = 'open sesame';

interface Answer {
  status: number;
  /** Of the server's certificate. */
  fingerprint: string;
}

/** One request on a connection of its own. */
function get(port: number, path: string, options: RequestOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, agent: false, ...options }, (response) => {
      const { fingerprint256 } = (response.socket as TLSSocket).getPeerCertificate();
      response.resume().on('end', () => {
        resolve({ status: response.statusCode ?? 0, fingerprint: fingerprint256 });
      });
    })
      .on('error', reject)
      .end();
  });
}

describe('HTTPS of the REST API', () => {
  let directory: string;
  let authority: CertificateAuthority;
  let other: CertificateAuthority;
  let certificates: Record<'first' | 'second' | 'client', ReturnType<CertificateAuthority['issue']>>;
  let ca: Buffer;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'netprov-api-'));
    [authority, other] = [new CertificateAuthority('ours'), new CertificateAuthority('other')];
    certificates = {
      first: authority.issue('first', 'IP:127.0.0.1'),
      second: authority.issue('second', 'IP:127.0.0.1'),
      client: other.issue('client', 'DNS:client'),
    };
    ca = authority.pem;
  });

  after(() => {
    for (const one of [authority, other]) one.remove();
    rmSync(directory, { recursive: true });
  });

  describe('netprov api', () => {
    let database: TestDatabase;

    before(async () => {
      database = await createDatabase();
    });

    after(() => database.drop());

    it('asks for a password, and loads a renewed certificate at SIGHUP', async () => {
      const [certFile, keyFile, passwords] = ['cert.pem', 'key.pem', 'htpasswd'].map((name) =>
        join(directory, name),
      ) as [string, string, string];
      const install = ({ certFile: cert, keyFile: key }: { certFile: string; keyFile: string }): void => {
        copyFileSync(cert, certFile);
        copyFileSync(key, keyFile);
      };
      install(certificates.first);
      writeFileSync(passwords, `ada:${hashSync(PASSWORD, 4)}\n`);
      const command = new Netprov(['api'], {
        NETPROV_DATABASE_URL: database.connection,
        NETPROV_AUTH_STRATEGY: 'http_basic',
        NETPROV_HTTP_BASIC_AUTH_USER_FILE: passwords,
        NETPROV_API_ENABLE_SSL_API: 'true',
        NETPROV_SSL_CERT_FILE: certFile,
        NETPROV_SSL_KEY_FILE: keyFile,
        NETPROV_API_PORT: '0',
        NETPROV_API_HEALTH_PORT: 'null',
      });
      try {
        await command.says('the API answers');
        const port = Number(/address=https:\/\/127\.0\.0\.1:(\d+)/.exec(command.stderr)?.[1]);
        const auth = `ada:${PASSWORD}`;
        const first = await get(port, '/v1/nothing', { ca, auth });
        expect(first.status).to.equal(404);
        expect((await get(port, '/v1/nothing', { ca })).status).to.equal(401);
        expect((await get(port, '/v1/nothing', { ca, auth: 'ada:planted-password' })).status).to.equal(401);
        expect((await get(port, '/', { ca })).status).to.equal(200);

        install(certificates.second);
        command.kill('SIGHUP');
        await command.says('SIGHUP: read the files of section ssl again');
        const second = await get(port, '/', { ca });
        expect(second.fingerprint).to.not.equal(first.fingerprint);

        copyFileSync(certificates.first.keyFile, keyFile);
        command.kill('SIGHUP');
        await command.says('the API keeps the old certificate');
        expect((await get(port, '/', { ca })).fingerprint).to.equal(second.fingerprint);

        expect((await command.stop()).code).to.equal(0);
        expect(command.stderr).to.not.include(PASSWORD).and.not.include('planted-password');
      } finally {
        await command.stop();
      }
    });

    it('says which options are wrong when it cannot listen', async () => {
      const taken = createServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
      const { port } = taken.address() as AddressInfo;
      const { code, stderr } = await netprov(['api'], {
        NETPROV_DATABASE_URL: database.connection,
        NETPROV_AUTH_STRATEGY: 'noauth',
        NETPROV_API_PORT: String(port),
        NETPROV_API_HEALTH_PORT: 'null',
      });
      taken.close();
      expect(code).to.equal(2);
      expect(stderr).to.include(`api.bind_host is 127.0.0.1, and api.port is ${port}: cannot listen there`);
    });

    it('does not start without the options that keystone, its default, needs', async () => {
      const { code, stderr } = await netprov(['api'], { NETPROV_DATABASE_URL: database.connection });
      expect(code).to.equal(2);
      for (const name of ['auth_url', 'username', 'password', 'project_name']) {
        expect(stderr).to.include(`keystone_authtoken.${name} is not set: auth_strategy keystone needs it`);
      }
    });
  });

  describe('the server', () => {
    let server: ApiServer;

    afterEach(() => server.close());

    async function listen(caFile: string | null): Promise<number> {
      const { certFile: cert_file, keyFile: key_file } = certificates.first;
      const parts = { ...noResources(), authenticator: new NoAuthentication(), log: silentLogger() };
      server = await createApi(apiOptions({ tls: { cert_file, key_file, ca_file: caFile } }), parts);
      await server.listen({ host: '127.0.0.1', port: 0 });
      return (server.server.address() as AddressInfo).port;
    }

    it('accepts TLS 1.2 and 1.3, and neither older versions nor plain HTTP', async () => {
      const port = await listen(null);
      for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
        expect((await get(port, '/', { ca, minVersion: version, maxVersion: version })).status).to.equal(200);
      }
      const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
      // The server's alert, not a client that does not want to.
      expect((await rejection(get(port, '/', { ca, ...old })))?.message).to.match(/alert protocol version/i);
      expect(await rejection(fetch(`http://127.0.0.1:${port}/`))).to.be.instanceOf(Error);
    });

    it('requires a client certificate when ssl.ca_file is set', async () => {
      const port = await listen(other.file);
      const { cert, key } = certificates.client;
      expect((await get(port, '/', { ca, cert, key })).status).to.equal(200);
      expect(await rejection(get(port, '/', { ca }))).to.be.instanceOf(Error);
      const stranger = certificates.second;
      expect(await rejection(get(port, '/', { ca, cert: stranger.cert, key: stranger.key }))).to.be.instanceOf(Error);
    });
  });

  describe('its files', () => {
    const configured = (ssl: Record<string, string>): Config =>
      loadConfig({ env: { NETPROV_API_ENABLE_SSL_API: 'true', ...ssl } });

    function problemsOf(cert: string | null, key: string | null, clients: string | null = null): string {
      const named = { CERT: cert, KEY: key, CA: clients };
      const set = Object.entries(named).flatMap(([name, file]) =>
        file === null ? [] : [[`NETPROV_SSL_${name}_FILE`, file]],
      );
      try {
        tlsFiles(configured(Object.fromEntries(set) as Record<string, string>));
      } catch (error) {
        expect(error).to.be.instanceOf(ConfigurationError);
        return (error as Error).message;
      }
      return '';
    }

    it('are named in the error when they are missing or unusable', () => {
      const { certFile, keyFile } = certificates.first;
      const junk = join(directory, 'junk.pem');
      writeFileSync(junk, 'no certificate');
      expect(problemsOf(certFile, keyFile, authority.file)).to.equal('');
      expect(problemsOf(null, null)).to.include('ssl.cert_file is not set').and.include('ssl.key_file is not set');
      expect(problemsOf(certFile, null)).to.include('ssl.key_file is not set').and.not.include('cert_file is not');
      expect(problemsOf('/nowhere.pem', keyFile)).to.include('ssl.cert_file is /nowhere.pem').and.include('ENOENT');
      expect(problemsOf(junk, keyFile)).to.include(`ssl.cert_file is ${junk}`);
      expect(problemsOf(certFile, junk)).to.include(`ssl.key_file is ${junk}`);
      expect(problemsOf(certFile, keyFile, junk)).to.include(`ssl.ca_file is ${junk}`);
      const { keyFile: anothers } = certificates.second;
      expect(problemsOf(certFile, anothers)).to.include(`ssl.key_file is ${anothers}`).and.include(certFile);
    });

    it('are ignored without api.enable_ssl_api', () => {
      expect(tlsFiles(loadConfig({ env: { NETPROV_SSL_CERT_FILE: '/nowhere.pem' } }))).to.equal(null);
    });
  });
});
