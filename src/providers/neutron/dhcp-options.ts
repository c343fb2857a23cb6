import { isIPv6 } from 'node:net';

import { errorText } from '../../async/error-text.js';
import { FailedToUpdateDHCPOptOnPort } from '../../contract/errors.js';
import type { BindingFailure, DhcpOption } from '../../contract/types.js';
import type { NeutronPort } from '../../neutron/resources.js';
import { type CurrentVif, currentVifs } from '../ports/current.js';
import type { ProviderOutcome } from '../provider.js';
import { isTransient, type NeutronOperation } from './binding/operation.js';
import { optionsToChange, type PortOption } from './binding/update.js';

type Asked = Pick<NeutronOperation, 'context' | 'client' | 'request'>;

/** The result for one Neutron port; null if its options are set. */
type Result = { failure: string } | { warning: string } | null;

/**
 * Sets DHCP options on the Neutron ports that the node uses now. Each port gets the options for the IP versions of its
 * addresses. Neutron's DHCP server answers by address, so an option has no effect on a port without an address of its
 * IP version. That is only a warning, because a node with its own DHCP server, or a NIC that does not boot, needs no
 * option.
 *
 * Source: Ironic, dhcp/neutron.py, update_dhcp_opts.
 *
 * @throws FailedToUpdateDHCPOptOnPort when the node uses no Neutron port, or the options can be set on none of them
 */
export async function updateDhcpOptions(operation: Asked): Promise<Partial<ProviderOutcome>> {
  const { context, client, request } = operation;
  const { uuid } = context.task.node;
  const vifs = currentVifs(context);
  if (vifs.length === 0) {
    throw new FailedToUpdateDHCPOptOnPort(
      `node ${uuid} has no Neutron port: add a network or attach a VIF before you set DHCP options`,
    );
  }
  const ports = await client.listPorts({ id: vifs.map(({ id }) => id) }, request);
  const results = await Promise.allSettled(
    vifs.map((vif) =>
      setOptions(
        vif,
        ports.find(({ id }) => id === vif.id),
        operation,
      ),
    ),
  );
  context.signal.throwIfAborted();
  const said = results.map((result) => (result.status === 'fulfilled' ? result.value : failed(result.reason)));
  const all = (key: 'failure' | 'warning'): BindingFailure[] =>
    vifs.flatMap(({ ref }, index) => {
      const result: Partial<Record<typeof key, string>> = said[index] ?? {};
      return result[key] === undefined ? [] : [{ ...ref, reason: result[key] }];
    });
  const failures = all('failure');
  if (failures.length === vifs.length) {
    const reasons = failures.map(({ reason }) => reason).join('; ');
    throw new FailedToUpdateDHCPOptOnPort(`node ${uuid} has no Neutron port that accepts the DHCP options: ${reasons}`);
  }
  return { failures, warnings: all('warning') };
}

async function setOptions(vif: CurrentVif, port: NeutronPort | undefined, operation: Asked): Promise<Result> {
  const { context, client, request } = operation;
  if (port === undefined) return { failure: `Neutron port ${vif.id} does not exist` };
  const versions = new Set(port.fixed_ips.map(({ ip_address }) => (isIPv6(ip_address) ? 6 : 4)));
  const wanted = context.args.options.map(portOption).filter(({ ip_version }) => versions.has(ip_version));
  if (wanted.length === 0) {
    const addresses = versions.size === 0 ? 'no address' : `addresses of IPv${[...versions].join(' and IPv')} only`;
    return { warning: `Neutron port ${port.id} has ${addresses}: no DHCP option is set on it` };
  }
  const changes = optionsToChange(port.extra_dhcp_opts, wanted);
  if (changes.length > 0) await client.updatePort(port.id, { extra_dhcp_opts: changes }, request);
  context.log.info('DHCP options set', { port: port.id, options: changes.map(({ opt_name }) => opt_name) });
  return null;
}

function portOption({ opt_name, opt_value, ip_version }: DhcpOption): PortOption & { ip_version: 4 | 6 } {
  return { opt_name, opt_value, ip_version: ip_version === 6 ? 6 : 4 };
}

/** Throws a fault that a retry may clear: the retry sets all options again, which does no harm. */
function failed(error: unknown): Result {
  if (isTransient(error)) throw error as Error;
  return { failure: errorText(error) };
}
