import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import { type Config, ConfigurationError, loadConfig } from '../../../src/config/load.js';
import { OPTIONS, SECRET_OPTIONS } from '../../../src/config/config-schema.js';
import { MANAGEMENT_NETWORK_TYPES } from '../../../src/contract/methods.js';

const SECRET = 'sesame';
const CONFIG = fileURLToPath(new URL('../../../../config', import.meta.url));

function problems(load: () => unknown): readonly string[] {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigurationError) {
      expect(error.message).to.not.contain(SECRET);
      return error.problems;
    }
    throw error;
  }
  return [];
}

describe('configuration', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'netprov-config-'));
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  const write = (text: string, name = 'local.yaml'): void => {
    writeFileSync(join(directory, name), text);
  };
  const fromFile = (text: string, env: NodeJS.ProcessEnv = {}): Config => {
    write(text);
    return loadConfig({ configDir: directory, env });
  };
  const fromEnv = (env: NodeJS.ProcessEnv): Config => loadConfig({ env });

  describe('the definitions of the options', () => {
    it('documents every option in default.yaml', () => {
      const text = readFileSync(join(CONFIG, 'default.yaml'), 'utf8');
      // A comment stands over every option, or over the group of options without a blank line between them.
      for (const paragraph of text.split('\n\n')) expect(paragraph.replace(/^\w+:\n/, '').trim()).to.match(/^#/);
    });

    it('keeps every value with a password secret', () => {
      const withPassword = OPTIONS.filter((path) => /(^|[._])(password|secret|transport_url|connection)$/.test(path));
      expect(SECRET_OPTIONS).to.have.members(withPassword);
    });
  });

  describe('the sources of options', () => {
    it('has the defaults, from any working directory', () => {
      const before = process.cwd();
      process.chdir(directory);
      try {
        const config = fromEnv({});
        expect(config.host).to.deep.equal([hostname()]);
        expect(config.control_exchange).to.equal('ironic');
        expect(config.default_network_provider).to.equal('none');
        expect(config.rpc.topic).to.equal('ironic.network_provider');
        expect(config.neutron.valid_interfaces).to.deep.equal(['internal', 'public']);
      } finally {
        process.chdir(before);
      }
    });

    it('takes files of a directory over the defaults, and environment variables over these files', () => {
      const text = 'rpc: { prefetch: 7, topic: other }\nlog: { level: debug }';
      const config = fromFile(text, { NETPROV_RPC_PREFETCH: '9' });
      expect(config.rpc).to.deep.include({ prefetch: 9, topic: 'other', queue_type: 'quorum' });
      expect(config.log.level).to.equal('debug');
    });

    it('reads the directory in NETPROV_CONFIG_DIR, unless another is given', () => {
      const other = join(directory, 'other');
      mkdirSync(other);
      writeFileSync(join(other, 'default.yaml'), 'control_exchange: other');
      write('control_exchange: given');
      const env = { NETPROV_CONFIG_DIR: other };
      expect(loadConfig({ env }).control_exchange).to.equal('other');
      expect(loadConfig({ env, configDir: directory }).control_exchange).to.equal('given');
    });

    it('accepts JSON files and empty files', () => {
      write('{"control_exchange": "json"}', 'default.json');
      const config = fromFile('# nothing here\n');
      expect(config.control_exchange).to.equal('json');
    });

    it('does not run programs', () => {
      write('process.exitCode = 9; module.exports = { control_exchange: "js" };', 'local.js');
      expect(fromFile('').control_exchange).to.equal('ironic');
      expect(process.exitCode).to.equal(undefined);
    });

    it('can be read again after a change', () => {
      expect(fromEnv({ NETPROV_HOST: 'a' }).host).to.deep.equal(['a']);
      expect(fromEnv({ NETPROV_HOST: 'b' }).host).to.deep.equal(['b']);
    });

    it('cannot be changed', () => {
      const config = fromEnv({});
      expect(Object.isFrozen(config) && Object.isFrozen(config.worker.retry)).to.equal(true);
      expect(Object.isFrozen(config.neutron.valid_interfaces)).to.equal(true);
    });
  });

  describe('environment variables', () => {
    it('hold numbers, booleans, null, lists and plug-ins', () => {
      const config = fromEnv({
        NETPROV_HOST: 'conductor-1, conductor-2',
        NETPROV_RPC_PING_ENABLED: 'true',
        NETPROV_WORKER_RETRY_INITIAL_DELAY: '0.25',
        NETPROV_HEALTH_PORT: 'null',
        NETPROV_NEUTRON_VALID_INTERFACES: 'public',
        NETPROV_PROVIDERS: '{acme: "@acme/provider"}',
        NETPROV_DEFAULT_NETWORK_PROVIDER: 'noop',
      });
      expect(config.host).to.deep.equal(['conductor-1', 'conductor-2']);
      expect(config.rpc_ping_enabled).to.equal(true);
      expect(config.worker.retry.initial_delay).to.equal(0.25);
      expect(config.health.port).to.equal(null);
      expect(config.neutron.valid_interfaces).to.deep.equal(['public']);
      expect(config.providers).to.deep.equal({ acme: '@acme/provider' });
      expect(config.default_network_provider).to.equal('none');
    });

    it('hold the UUIDs of security groups, of each type of network', () => {
      const [one, two] = [randomUUID(), randomUUID()];
      for (const type of MANAGEMENT_NETWORK_TYPES) {
        const name = `NETPROV_${type.toUpperCase()}_NETWORK_SECURITY_GROUPS`;
        const groups = (value: string): readonly string[] =>
          fromEnv({ [name]: value })[`${type}_network_security_groups`];
        expect(groups(`${one}, ${two}`)).to.deep.equal([one, two]);
        expect(groups('')).to.deep.equal([]);
        expect(problems(() => groups(`${one},default`))[0]).to.match(
          new RegExp(`^${type}_network_security_groups .*\\(${name}\\): expected UUIDs of security groups$`),
        );
      }
    });

    it('hold the options about NICs and networks', () => {
      const config = fromEnv({
        NETPROV_DEFAULT_BOOT_OPTION: 'netboot',
        NETPROV_SERVICING_NETWORK: 'servicing',
        NETPROV_NEUTRON_ADD_ALL_PORTS: 'true',
        NETPROV_NEUTRON_ONE_PORT_PER_PORTGROUP: 'true',
        NETPROV_NEUTRON_DHCPV6_STATEFUL_ADDRESS_COUNT: '6',
        NETPROV_NEUTRON_FAIL_ON_PORT_BINDING_FAILURE: 'false',
        NETPROV_NEUTRON_MAX_CHANGES_PER_SWITCH: '2',
      });
      expect(config).to.include({ default_boot_option: 'netboot', servicing_network: 'servicing' });
      expect(config.neutron).to.include({ add_all_ports: true, one_port_per_portgroup: true });
      expect(config.neutron).to.include({ dhcpv6_stateful_address_count: 6, fail_on_port_binding_failure: false });
      expect(config.neutron).to.include({ max_changes_per_switch: 2 });
      const defaults = fromEnv({});
      expect(defaults).to.include({ default_boot_option: 'local', servicing_network: null });
      expect(defaults.neutron).to.include({ add_all_ports: false, one_port_per_portgroup: false });
      expect(defaults.neutron).to.include({ dhcpv6_stateful_address_count: 4, fail_on_port_binding_failure: true });
      expect(defaults.neutron).to.include({ max_changes_per_switch: 8 });
      expect(
        problems(() =>
          fromEnv({
            NETPROV_DEFAULT_BOOT_OPTION: 'disk',
            NETPROV_NEUTRON_ADD_ALL_PORTS: 'yes',
            NETPROV_NEUTRON_DHCPV6_STATEFUL_ADDRESS_COUNT: '0',
            NETPROV_NEUTRON_MAX_CHANGES_PER_SWITCH: '0',
            NETPROV_NEUTRON_EVENT_POLL_INTERVAL: '0',
          }),
        ),
      ).to.have.members([
        'default_boot_option is "disk" (NETPROV_DEFAULT_BOOT_OPTION): expected one of local, netboot, ramdisk, kickstart',
        'neutron.add_all_ports is "yes" (NETPROV_NEUTRON_ADD_ALL_PORTS): expected true or false',
        'neutron.dhcpv6_stateful_address_count is 0 (NETPROV_NEUTRON_DHCPV6_STATEFUL_ADDRESS_COUNT): expected a whole number of addresses from 1 to 64',
        'neutron.max_changes_per_switch is 0 (NETPROV_NEUTRON_MAX_CHANGES_PER_SWITCH): expected a whole number from 1 to 1024',
        'neutron.event_poll_interval is 0 (NETPROV_NEUTRON_EVENT_POLL_INTERVAL): expected a number of seconds from 0.05 to 3600',
      ]);
    });

    it('count as not set when empty', () => {
      expect(fromEnv({ NETPROV_CONTROL_EXCHANGE: '', NETPROV_RPC_PREFETCH: '' })).to.deep.equal(fromEnv({}));
    });

    it('have short names, over which the long ones win', () => {
      const [short, long] = ['mysql://a:b@short/x', 'mysql://a:b@long/x'];
      expect(fromEnv({ NETPROV_DATABASE_URL: short }).database.connection).to.equal(short);
      expect(fromEnv({ NETPROV_DATABASE_URL: short, NETPROV_DATABASE_CONNECTION: long }).database.connection).to.equal(
        long,
      );
      expect(fromEnv({ NETPROV_NEUTRON_ENDPOINT: 'http://n:1' }).neutron.endpoint_override).to.equal('http://n:1');
    });

    it('are refused when their names are unknown', () => {
      expect(problems(() => fromEnv({ NETPROV_DATABSE_URL: `mysql://u:${SECRET}@h/d`, NETPROV_X: '1' }))).to.deep.equal(
        [
          'NETPROV_DATABSE_URL: no option has this environment variable; did you mean NETPROV_DATABASE_URL?',
          'NETPROV_X: no option has this environment variable',
        ],
      );
    });

    it('may include those that script/services prints', () => {
      fromEnv({
        NETPROV_RABBITMQ_MANAGEMENT_URL: 'http://127.0.0.1:15672',
        NETPROV_NEUTRON_TRANSPORT_URL: 'rabbit://',
        NETPROV_NEUTRON_CONFIG: '/tmp/neutron.conf',
        NETPROV_PRIVATE_URLS: '',
        NETPROV_CLUSTER_TRANSPORT_URL: 'rabbit://127.0.0.1',
        NETPROV_KEYSTONE_ADMIN_PASSWORD: 'x',
      });
    });

    it('are refused by name when they are no number or boolean', () => {
      const env = { NETPROV_RPC_PREFETCH: 'ten', NETPROV_RPC_PING_ENABLED: 'yes', NETPROV_HEALTH_PORT: '[' };
      expect(problems(() => fromEnv(env))).to.have.members([
        'rpc.prefetch is "ten" (NETPROV_RPC_PREFETCH): expected a whole number of messages from 1 to 10000',
        'rpc_ping_enabled is "yes" (NETPROV_RPC_PING_ENABLED): expected true or false',
        'health.port is "[" (NETPROV_HEALTH_PORT): expected a whole number from 0 to 65535',
      ]);
    });
  });

  describe('errors of the configuration', () => {
    it('are reported all at once, with path, value, source and remedy', () => {
      const text = [
        'control_exchnage: ironic',
        'host: ["a b"]',
        'rpc: { prefetch: 0, queue_type: mirrored }',
        'neutron: { timeout: -1, pasword: sesame, valid_interfaces: private }',
        'default_network_provider: acme',
        'log: null',
      ].join('\n');
      const file = join(directory, 'local.yaml');
      expect(problems(() => fromFile(text, { NETPROV_WORKER_GROUP_SIZE: '1.5' }))).to.have.members([
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
        fromFile(
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
      const file = join(directory, 'local.yaml');
      expect(problems(() => fromFile(`log:\n  level: info\ntransport_url: *${SECRET}\n`))).to.deep.equal([
        `${file}: not valid YAML at line 3, column 23; quote values that begin with one of * & ! % @`,
      ]);
      expect(problems(() => fromFile('- a\n- b'))[0]).to.match(/^.*local\.yaml: expected options and their values/);
    });

    it('include a directory that does not exist or has no files', () => {
      const missing = join(directory, 'missing');
      const load = (configDir: string) => () => loadConfig({ configDir, env: {} });
      expect(problems(load(missing))).to.deep.equal([`configuration directory ${missing}: does not exist`]);
      write('a: b', 'netprov.yaml');
      expect(problems(load(directory))[0]).to.match(/has no local\.yaml/);
    });

    it('name the options that an auth_type still needs', () => {
      const wrong = problems(() => fromEnv({ NETPROV_NEUTRON_AUTH_TYPE: 'password', NETPROV_NEUTRON_USERNAME: 'x' }));
      expect(wrong.map((line) => line.split(' ')[0])).to.have.members([
        'neutron.auth_url',
        'neutron.password',
        'neutron.project_name',
      ]);
      expect(wrong[0]).to.contain('is not set: neutron.auth_type password needs it');
      const more = problems(() => fromEnv({ NETPROV_NEUTRON_AUTH_TYPE: 'v3applicationcredential' }));
      expect(more.map((line) => line.split(' ')[0])).to.have.members([
        'neutron.auth_url',
        'neutron.application_credential_id',
        'neutron.application_credential_secret',
      ]);
    });

    it('name the endpoint that neutron and flat need without Keystone', () => {
      for (const provider of ['neutron', 'flat']) {
        expect(problems(() => fromEnv({ NETPROV_DEFAULT_NETWORK_PROVIDER: provider }))[0]).to.match(
          /^neutron\.endpoint_override .*is not set/,
        );
      }
    });

    it('name a certificate without its key, and minimums above their maximums', () => {
      const wrong = problems(() =>
        fromFile(
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
});
