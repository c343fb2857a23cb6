import { expect } from 'chai';

import { NeutronClient } from '../../src/neutron/client.js';
import { missingPermissions } from '../../src/neutron/permissions.js';
import { reportPermissions } from '../../src/services/run-worker.js';
import { recordingLogger } from '../../testkit/fixtures/log.js';
import { HttpProxy } from '../../testkit/proxies/http-proxy.js';
import { providerOptions, TestNeutron } from '../../testkit/servers/neutron.js';

/**
 * Neutron behind a guard that refuses what Neutron's policy would refuse to a user without the admin role, in Neutron's
 * words: the tests' Neutron runs without Keystone, and lets everybody do everything.
 */
describe('permissions in Neutron', () => {
  let neutron: TestNeutron;
  let guard: HttpProxy;
  let client: NeutronClient;
  let network: { id: string; name: string };
  const options = () => providerOptions({ provisioning_network: network.name }, { endpoint_override: guard.url });

  before(async () => {
    neutron = new TestNeutron();
    guard = await HttpProxy.start(neutron.endpoint);
    network = await neutron.makeNetwork();
    client = new NeutronClient(options().neutron);
  });

  afterEach(async () => {
    expect(await neutron.portsOn(network.id)).to.deep.equal([]);
    guard.reset();
  });

  after(async () => {
    await client.close();
    await guard.stop();
    await neutron.drop();
  });

  function refuse(...attributes: string[]): void {
    guard.fate = ({ method, body }) => {
      if (method !== 'POST' || !attributes.some((name) => body.includes(`"${name}"`))) return 'pass';
      const message = `(rule:create_port and rule:create_port:${attributes.join()}) is disallowed by policy`;
      return { status: 403, body: { NeutronError: { type: 'PolicyNotAuthorized', message, detail: '' } } };
    };
  }

  async function report(settings = options()): Promise<string> {
    const { log, lines } = recordingLogger();
    await reportPermissions(settings, client, log, new AbortController().signal);
    return lines.join('\n');
  }

  it('are all there on a Neutron that allows it, with one request that makes nothing', async () => {
    expect(await missingPermissions(client, network.id)).to.deep.equal([]);
    expect(guard.summary()).to.deep.equal(['POST /v2.0/ports']);
    expect(await report()).to.include('may create ports');
  });

  it('that are missing are named', async () => {
    refuse('binding:host_id', 'binding:profile');
    const missing = ['create_port:binding:host_id', 'create_port:binding:profile'];
    expect(await missingPermissions(client, network.id)).to.deep.equal(missing);
    expect(await report())
      .to.include('error')
      .and.include(missing.join(', '));
  });

  it('name the role that newer versions of Neutron want', async () => {
    refuse('binding:profile');
    expect(await report())
      .to.include('create_port:binding:profile')
      .and.include('roles admin and service');
  });

  it('are all there on a Neutron that lets the role service alone set binding:profile, as from Neutron 26 on', async () => {
    guard.fate = ({ body, headers }) => {
      const roles = String(headers['x-roles']).split(',');
      return body.includes('"binding:profile"') && !roles.includes('service') ? { status: 403 } : 'pass';
    };
    expect(await missingPermissions(client, network.id)).to.deep.equal([]);
  });

  it('are named as a whole when the user may create no port', async () => {
    refuse('network_id');
    expect(await missingPermissions(client, network.id)).to.include('create_port');
  });

  it('cannot be checked on a network that is not shown: the option is named', async () => {
    const lines = await report({ ...options(), cleaning_network: 'no such network' });
    expect(lines).to.include('cleaning_network').and.include('no such network').and.include('may create ports');
  });

  it('are not checked when no Neutron is configured, or when it is away', async () => {
    expect(await report(providerOptions({ provisioning_network: network.id }, {}))).to.equal('');
    guard.fate = () => ({ status: 503 });
    expect(await report())
      .to.include('could not check')
      .and.include('503');
  });
});
