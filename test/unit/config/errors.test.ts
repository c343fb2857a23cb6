import { join } from 'node:path';

import { expect } from 'chai';

import { loadConfig } from '../../../src/config/load.js';
import { ConfigDirectory, fromEnvironment, problems, SECRET } from '../../../testkit/fixtures/config.js';

describe('errors of the configuration', () => {
  const directory = new ConfigDirectory();
  beforeEach(() => {
    directory.create();
  });
  afterEach(() => {
    directory.remove();
  });

  it('are reported all at once, with path, value, source and remedy', () => {
    const text = [
      'control_exchnage: ironic',
      'host: ["a b"]',
      'rpc: { prefetch: 0, queue_type: mirrored }',
      'neutron: { timeout: -1, pasword: sesame, valid_interfaces: private }',
      'default_network_provider: acme',
      'log: null',
    ].join('\n');
    const file = join(directory.path, 'local.yaml');
    expect(problems(() => directory.load(text, { NETPROV_WORKER_GROUP_SIZE: '1.5' }))).to.have.members([
      `control_exchnage (${file}): no such option; did you mean control_exchange?`,
      `host is ["a b"] (${file}): expected the name of a conductor host: up to 160 characters, without * # , and blanks`,
      `rpc.prefetch is 0 (${file}): expected a whole number of messages from 1 to 10000`,
      `rpc.queue_type is "mirrored" (${file}): expected one of quorum, classic`,
      `neutron.timeout is -1 (${file}): expected a number of seconds from 0.1 to 3600`,
      `neutron.pasword (${file}): no such option; did you mean neutron.password?`,
      `neutron.valid_interfaces is "private" (${file}): expected one of internal, public, admin`,
      `default_network_provider (${file}) is "acme": expected one of none, neutron, flat, or a name in providers`,
      `log has a wrong value (${file}): expected a section with options; leave out an empty section`,
      'worker.group_size is 1.5 (NETPROV_WORKER_GROUP_SIZE): expected a whole number of operations from 1 to 10000',
    ]);
  });

  it('never show a secret', () => {
    const wrong = problems(() =>
      directory.load(
        `database: mysql://user:${SECRET}@host/db\nneutron: { password: [${SECRET}], auth_url: "ftp://u:${SECRET}@h" }`,
        {
          NETPROV_TRANSPORT_URL: `amqp://user:${SECRET}@host/`,
          NETPROV_NEUTRON_APPLICATION_CREDENTIAL_SECRET: SECRET.repeat(1000),
        },
      ),
    );
    expect(wrong).to.have.length(5);
    expect(wrong.join('\n')).to.contain('transport_url (NETPROV_TRANSPORT_URL) cannot be used');
    expect(wrong.join('\n')).to.contain('neutron.auth_url is "ftp://***@h"');
  });

  it('never quote a file that is not YAML', () => {
    const file = join(directory.path, 'local.yaml');
    expect(problems(() => directory.load(`log:\n  level: info\ntransport_url: *${SECRET}\n`))).to.deep.equal([
      `${file}: not valid YAML at line 3, column 23; quote values that begin with one of * & ! % @`,
    ]);
    expect(problems(() => directory.load('- a\n- b'))[0]).to.match(/^.*local\.yaml: expected options and their values/);
  });

  it('include a directory that does not exist or has no files', () => {
    const missing = join(directory.path, 'missing');
    const load = (configDir: string) => () => loadConfig({ configDir, env: {} });
    expect(problems(load(missing))).to.deep.equal([`configuration directory ${missing}: does not exist`]);
    directory.write('a: b', 'netprov.yaml');
    expect(problems(load(directory.path))[0]).to.match(/has no local\.yaml/);
  });

  it('name the options that an auth_type still needs', () => {
    const wrong = problems(() =>
      fromEnvironment({ NETPROV_NEUTRON_AUTH_TYPE: 'password', NETPROV_NEUTRON_USERNAME: 'x' }),
    );
    expect(wrong.map((line) => line.split(' ')[0])).to.have.members([
      'neutron.auth_url',
      'neutron.password',
      'neutron.project_name',
    ]);
    expect(wrong[0]).to.contain('is not set: neutron.auth_type password needs it');
    const more = problems(() => fromEnvironment({ NETPROV_NEUTRON_AUTH_TYPE: 'v3applicationcredential' }));
    expect(more.map((line) => line.split(' ')[0])).to.have.members([
      'neutron.auth_url',
      'neutron.application_credential_id',
      'neutron.application_credential_secret',
    ]);
  });

  it('name the endpoint that neutron and flat need without Keystone', () => {
    for (const provider of ['neutron', 'flat']) {
      expect(problems(() => fromEnvironment({ NETPROV_DEFAULT_NETWORK_PROVIDER: provider }))[0]).to.match(
        /^neutron\.endpoint_override .*is not set/,
      );
    }
  });

  it('name a certificate without its key, and minimums above their maximums', () => {
    const wrong = problems(() =>
      directory.load(
        'neutron: { certfile: /c.pem }\noslo_messaging_rabbit: { ssl_key_file: /k.pem }\nworker: { retry: { initial_delay: 60 } }',
      ),
    );
    expect(wrong.map((line) => line.split(' ')[0])).to.have.members([
      'neutron.keyfile',
      'oslo_messaging_rabbit.ssl_cert_file',
      'worker.retry.max_delay',
    ]);
  });
});
