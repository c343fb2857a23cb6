import type { NetworkProvider, ProviderContext, ProviderOutcome } from '../../src/providers/provider.js';

/**
 * A plug-in that handles secrets as badly as possible: it logs everything that it receives, and puts it into its
 * errors. driver_info.leaks says how it ends: as `outcome`, `error` (an unexpected one) or `transient`.
 */
export default function createLeakyProvider(): NetworkProvider {
  const method = ({ task, log }: ProviderContext): Promise<ProviderOutcome> => {
    const { leaks, ipmi_password: password, fernet } = task.node.driver_info as Record<string, string>;
    const sentence = `the switch refused rabbit://admin:${String(password)}@switch/ with X-Auth-Token: ${String(fernet)}`;
    const cause = new Error(`Authorization: Bearer ${String(fernet)}`);
    const error = new Error(sentence, { cause });
    log.warn(`leaky provider at work: ${sentence}`, {
      task,
      text: JSON.stringify(task),
      map: new Map(Object.entries(task.node.driver_info)),
      bytes: Buffer.from(sentence),
      error,
    });
    if (leaks === 'error') throw error;
    if (leaks === 'transient') throw Object.assign(error, { name: 'TransientError' });
    const failure = { port_uuid: task.ports[0]?.uuid ?? null, portgroup_uuid: null, reason: sentence };
    return Promise.resolve({ bindings: [], failures: [failure], warnings: [failure] });
  };
  return {
    add_provisioning_network: method,
    remove_provisioning_network: method,
    add_cleaning_network: method,
    remove_cleaning_network: method,
    configure_tenant_networks: method,
    unconfigure_tenant_networks: method,
  };
}
