import * as errors from '../../src/contract/errors.js';
import { METHOD_NAMES, METHODS } from '../../src/contract/methods.js';
import type { NetworkProvider, ProviderContext, ProviderOutcome } from '../../src/providers/provider.js';

/** Maximum length, in characters, of a text that results do not cut. */
const PIECE = 500;

function pieces(text: string): string[] {
  return Array.from({ length: Math.ceil(text.length / PIECE) }, (_, n) => text.slice(n * PIECE, (n + 1) * PIECE));
}

/**
 * A plug-in for workers that run as processes of their own. It has every method but reattach. It returns what it
 * received as warnings, in pieces short enough not to be cut, and throws the class of error that driver_info.throws
 * names.
 */
export default function createEchoProvider(): NetworkProvider {
  const method = (context: ProviderContext): Promise<ProviderOutcome> => {
    const { args, task } = context;
    const name = task.node.driver_info['throws'];
    if (typeof name === 'string') {
      const { [name as 'NetworkError']: Class } = errors;
      return Promise.reject(new Class(`${name} of node ${task.node.uuid}: 100 % sure`));
    }
    const [first] = task.ports;
    return Promise.resolve({
      bindings: [],
      failures: [],
      warnings: pieces(JSON.stringify({ args, task })).map((reason) => ({
        port_uuid: first?.uuid ?? null,
        portgroup_uuid: null,
        reason,
      })),
      vifs: [],
      current_vif: null,
      need_power_on: false,
      network_data: {},
      findings: [],
    });
  };
  const names = METHOD_NAMES.filter((name) => name !== 'reattach' && METHODS[name].since !== '1.0');
  const further = Object.fromEntries(names.map((name) => [name, method]));
  return {
    add_provisioning_network: method,
    remove_provisioning_network: method,
    add_cleaning_network: method,
    remove_cleaning_network: method,
    configure_tenant_networks: method,
    unconfigure_tenant_networks: method,
    ...further,
  };
}
