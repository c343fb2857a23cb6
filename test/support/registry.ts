import { NeutronClient } from '../../src/neutron/client.js';
import type { NeutronProviderOptions } from '../../src/providers/neutron/options.js';
import { BUILT_IN, ProviderRegistry } from '../../src/providers/registry.js';
import { recordingLogger } from './log.js';

export type TestNeutronOptions = Partial<NeutronProviderOptions['neutron']> &
  Partial<Pick<NeutronProviderOptions, 'provisioning_network' | 'cleaning_network'>>;

/** The providers as a worker has them, with the real Neutron at the endpoint. `close` closes its connections. */
export function createRegistry(
  endpoint: string,
  { provisioning_network = null, cleaning_network = null, ...neutron }: TestNeutronOptions = {},
): { registry: ProviderRegistry; close: () => Promise<void> } {
  const options: NeutronProviderOptions = {
    provisioning_network,
    cleaning_network,
    neutron: {
      auth_type: 'none',
      auth_url: null,
      username: null,
      password: null,
      user_domain_name: 'Default',
      project_name: null,
      project_domain_name: 'Default',
      application_credential_id: null,
      application_credential_secret: null,
      region_name: null,
      valid_interfaces: ['public'],
      endpoint_override: endpoint,
      cafile: null,
      certfile: null,
      keyfile: null,
      insecure: false,
      timeout: 30,
      max_connections: 8,
      binding_timeout: 30,
      poll_interval_min: 0.1,
      poll_interval_max: 1,
      ...neutron,
    },
  };
  const client = new NeutronClient(options.neutron);
  const registry = new ProviderRegistry({
    known: BUILT_IN,
    plugins: {},
    defaultProvider: 'none',
    services: { log: recordingLogger().log, neutron: client, options },
  });
  return { registry, close: () => client.close() };
}
