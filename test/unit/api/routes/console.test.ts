import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';
import Fastify from 'fastify';

import { createApi } from '../../../../src/api/api-server.js';
import { NoAuthentication } from '../../../../src/api/auth/authenticator.js';
import type { ApiServer } from '../../../../src/api/http/types.js';
import { consoleRoutes } from '../../../../src/api/routes/console-routes.js';
import { apiOptions, noResources } from '../../../../testkit/fixtures/api.js';
import { recordingLogger } from '../../../../testkit/fixtures/log.js';

const PAGE = '<!doctype html><title>console</title>';

describe('the files of the console', () => {
  let folder: string;
  let server: ApiServer;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'netprov-console-'));
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), PAGE);
    writeFileSync(join(folder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
    writeFileSync(join(folder, 'assets', 'index-B1x_y-Z9.js'), 'console.log(1)');
    writeFileSync(join(folder, '..', 'netprov-outside.txt'), 'not for you');
    server = Fastify({ routerOptions: { ignoreTrailingSlash: true } });
    await consoleRoutes(server, folder);
  });

  afterEach(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
    rmSync(join(tmpdir(), 'netprov-outside.txt'));
  });

  it('show the page at every address of the console, which a browser asks for each time', async () => {
    for (const path of ['', '/', '/nodes', '/nodes/web.example.org', '/operations/1?since=1h']) {
      const answer = await server.inject(`/console${path}`);
      expect([answer.statusCode, answer.body], path).to.deep.equal([200, PAGE]);
      expect(answer.headers, path).to.include({ 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' });
      expect(answer.headers['content-type'], path).to.match(/^text\/html/);
    }
  });

  it('may load scripts and styles of this API only, and be in no frame', async () => {
    const policy = String((await server.inject('/console/')).headers['content-security-policy']).split('; ');
    expect(policy).to.include.members(["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]);
    expect(policy.join()).to.not.match(/unsafe|\*|http/);
  });

  it('are kept for a year if their names have a hash', async () => {
    const script = await server.inject('/console/assets/index-B1x_y-Z9.js');
    expect(script.headers).to.include({ 'cache-control': 'public, max-age=31536000, immutable' });
    expect(script.headers['content-type']).to.match(/javascript/);
    expect((await server.inject('/console/favicon.svg')).headers['cache-control']).to.equal('no-cache');
  });

  it('are in their folder only', async () => {
    for (const path of [
      'assets/gone-12345678.js',
      'gone.svg',
      '../netprov-outside.txt',
      '%2e%2e/netprov-outside.txt',
      'assets/../../netprov-outside.txt',
      'assets/%2e%2e%2f%2e%2e%2fnetprov-outside.txt',
    ]) {
      const answer = await server.inject(`/console/${path}`);
      expect(answer.body, path).to.not.include('not for you');
      expect(answer.headers['cache-control'] ?? '', path).to.not.include('immutable');
    }
    expect((await server.inject('/console/assets/gone-12345678.js')).statusCode).to.equal(404);
  });

  it('say what is missing when the console was not built', async () => {
    rmSync(join(folder, 'index.html'));
    const answer = await server.inject('/console/nodes');
    expect([answer.statusCode, answer.headers['content-type']]).to.deep.equal([404, 'text/plain; charset=utf-8']);
    expect(answer.body).to.contain('npm run build');
  });

  it('need no log-in in the API', async () => {
    const parts = { ...noResources(), log: recordingLogger().log, authenticator: new NoAuthentication() };
    const api = await createApi(apiOptions(), parts);
    try {
      const { statusCode, headers } = await api.inject('/console/');
      expect(statusCode).to.be.oneOf([200, 404]);
      expect(headers['content-security-policy']).to.be.a('string');
    } finally {
      await api.close();
    }
  });
});
