import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { expect } from 'chai';

import { MANAGEMENT_NETWORK_TYPES } from '../../../src/contract/methods.js';
import { fromEnvironment, problems, SECRET } from '../../../testkit/fixtures/config.js';

describe('environment variables of options', () => {
  it('hold numbers, booleans, null, lists and plug-ins', () => {
    const config = fromEnvironment({
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
        fromEnvironment({ [name]: value })[`${type}_network_security_groups`];
      expect(groups(`${one}, ${two}`)).to.deep.equal([one, two]);
      expect(groups('')).to.deep.equal([]);
      expect(problems(() => groups(`${one},default`))[0]).to.match(
        new RegExp(`^${type}_network_security_groups .*\\(${name}\\): expected UUIDs of security groups$`),
      );
    }
  });

  it('hold the options about NICs and networks', () => {
    const config = fromEnvironment({
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
    const defaults = fromEnvironment({});
    expect(defaults).to.include({ default_boot_option: 'local', servicing_network: null });
    expect(defaults.neutron).to.include({ add_all_ports: false, one_port_per_portgroup: false });
    expect(defaults.neutron).to.include({ dhcpv6_stateful_address_count: 4, fail_on_port_binding_failure: true });
    expect(defaults.neutron).to.include({ max_changes_per_switch: 8 });
    expect(
      problems(() =>
        fromEnvironment({
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
    expect(fromEnvironment({ NETPROV_CONTROL_EXCHANGE: '', NETPROV_RPC_PREFETCH: '' })).to.deep.equal(
      fromEnvironment({}),
    );
  });

  it('have short names, over which the long ones win', () => {
    const [short, long] = ['mysql://a:b@short/x', 'mysql://a:b@long/x'];
    expect(fromEnvironment({ NETPROV_DATABASE_URL: short }).database.connection).to.equal(short);
    expect(
      fromEnvironment({ NETPROV_DATABASE_URL: short, NETPROV_DATABASE_CONNECTION: long }).database.connection,
    ).to.equal(long);
    expect(fromEnvironment({ NETPROV_NEUTRON_ENDPOINT: 'http://n:1' }).neutron.endpoint_override).to.equal(
      'http://n:1',
    );
  });

  it('are refused when their names are unknown', () => {
    expect(
      problems(() => fromEnvironment({ NETPROV_DATABSE_URL: `mysql://u:${SECRET}@h/d`, NETPROV_X: '1' })),
    ).to.deep.equal([
      'NETPROV_DATABSE_URL: no option has this environment variable; did you mean NETPROV_DATABASE_URL?',
      'NETPROV_X: no option has this environment variable',
    ]);
  });

  it('may include all that script/services takes or prints', () => {
    const script = readFileSync('script/services', 'utf8');
    const taken = ['NETPROV_SERVICES_DIR', 'NETPROV_WORLD'];
    for (const name of taken) expect(script).to.include(`\${${name}:-`);
    const names = [...script.matchAll(/export_line (NETPROV_[A-Z_]+)/g)].map(([, name]) => name ?? '');
    expect(names).to.include.members([
      'NETPROV_TRANSPORT_URL',
      'NETPROV_CLUSTER_TRANSPORT_URL',
      'NETPROV_WIRE_PYTHONPATH',
    ]);
    const values = [...taken, ...names].map(
      (name) => [name, name.endsWith('DATABASE_URL') ? 'mysql://h/d' : 'http://h'] as const,
    );
    fromEnvironment({ ...Object.fromEntries(values), NETPROV_TRANSPORT_URL: 'rabbit://h' });
  });

  it('are refused by name when they are no number or boolean', () => {
    const env = { NETPROV_RPC_PREFETCH: 'ten', NETPROV_RPC_PING_ENABLED: 'yes', NETPROV_HEALTH_PORT: '[' };
    expect(problems(() => fromEnvironment(env))).to.have.members([
      'rpc.prefetch is "ten" (NETPROV_RPC_PREFETCH): expected a whole number of messages from 1 to 10000',
      'rpc_ping_enabled is "yes" (NETPROV_RPC_PING_ENABLED): expected true or false',
      'health.port is "[" (NETPROV_HEALTH_PORT): expected a whole number from 0 to 65535',
    ]);
  });
});
