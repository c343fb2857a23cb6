import { NeutronClient } from '../../src/neutron/client.js';
import { BUILT_IN, ProviderRegistry, type ProviderLoader } from '../../src/providers/registry.js';
import { recordingLogger } from './log.js';
import { providerOptions } from './neutron.js';

/** The providers as a worker has them, with the Neutron at the endpoint, and others. `close` closes its connections. */
export function createRegistry(
  endpoint: string,
  networks: Parameters<typeof providerOptions>[0] = {},
  others: Readonly<Record<string, ProviderLoader>> = {},
): { registry: ProviderRegistry; close: () => Promise<void> } {
  const options = providerOptions(networks, { endpoint_override: endpoint });
  const neutron = new NeutronClient(options.neutron);
  const services = { log: recordingLogger().log, neutron, options };
  const registry = new ProviderRegistry({
    known: { ...BUILT_IN, ...others },
    plugins: {},
    defaultProvider: 'none',
    services,
  });
  return { registry, close: () => neutron.close() };
}
