import { NetworkError } from '../../contract/errors.js';
import { NeutronError } from '../../neutron/errors.js';
import { DHCP_CLIENT_ID, type NeutronPort, type PortAttributes } from '../../neutron/resources.js';
import type { ProviderContext } from '../provider.js';
import { isBound, optionsToChange, UNBOUND } from './changes.js';
import type { Operation } from './operation.js';
import { noAgent } from './smart-nic.js';
import { sendUpdate, updatePort } from './update.js';

/** What a port has of the NIC that it is bound to. */
interface Given {
  /** The MAC address that it was given; null: it kept its own, or is to keep it. */
  readonly address: string | null;
  /** The DHCP client id that it was given. */
  readonly clientId: string | null;
  readonly smartNicHost: string | null;
}

/**
 * Takes a tenant's Neutron port off this node and leaves it as the tenant made it: without host and profile, with a MAC
 * address of Neutron's own where it had a NIC's, and without the DHCP client id of a NIC. Its vnic_type stays, as under
 * Ironic: what it was before is nowhere on record. A port that is gone, or on another host, is left alone.
 *
 * Two requests, for Neutron refuses to change the MAC address of a bound port. A crash between them leaves an unbound
 * port with the NIC's address, so that is looked at too.
 *
 * @param given what the port was given when it was bound, and the host of the smart NIC that it may be bound to
 * @param absent hosts of smart NICs on which nobody would unplug the port
 * @throws NetworkError when its smart NIC is one of those
 */
export async function unbindPort(
  port: NeutronPort,
  given: Given,
  absent: ReadonlySet<string>,
  operation: Operation,
): Promise<void> {
  const { context } = operation;
  const host = port['binding:host_id'];
  if (isElsewhere(port, given.smartNicHost, operation)) {
    context.log.warn('VIF is on another host, and left alone', { port: port.id, host });
    return;
  }
  if (absent.has(host)) throw new NetworkError(noAgent(host));
  try {
    if (host !== '') {
      await updatePort(port, [UNBOUND], port['binding:profile'], operation);
      context.log.info('VIF unbound', { port: port.id });
    }
    const taken = ofNic(port, given, context);
    if (Object.keys(taken).length > 0) await sendUpdate(port, taken, operation);
  } catch (error) {
    if (!(error instanceof NeutronError && error.status === 404)) throw error;
  }
}

/** What is taken back of what a NIC gave the port. The NIC may have another MAC address by now. */
function ofNic(port: NeutronPort, { address, clientId }: Given, { task, recorded }: ProviderContext): PortAttributes {
  const bound = recorded.filter((binding) => binding.neutron_port_id === port.id && binding.port_uuid !== null);
  const addresses = [
    ...[...task.ports, ...task.portgroups].map((part) => part.address?.toLowerCase()),
    ...bound.map((binding) => binding.mac_address.toLowerCase()),
  ];
  const hasNics = address !== null && [address, ...addresses].includes(port.mac_address.toLowerCase());
  const option = { opt_name: DHCP_CLIENT_ID, opt_value: clientId };
  const hasClientId = clientId !== null && optionsToChange(port.extra_dhcp_opts, [option]).length === 0;
  return {
    ...(hasNics ? { mac_address: null } : {}),
    ...(hasClientId ? { extra_dhcp_opts: [{ ...option, opt_value: null }] } : {}),
  };
}

/**
 * Where somebody else has the port bound; null: nowhere, or it is there for the node's own instance, which may have moved
 * here. A port that only names another host, as an older Nova has it do, is nobody's.
 */
export function hostOfOthers(port: NeutronPort, smartNicHost: string | null, operation: Operation): string | null {
  const { uuid, instance_uuid: instance } = operation.context.task.node;
  const own = port.device_id !== '' && [uuid, instance].includes(port.device_id);
  return isElsewhere(port, smartNicHost, operation) && isBound(port) && !own ? port['binding:host_id'] : null;
}

/** Whether the port is bound to a host that is neither the node nor its smart NIC. */
export function isElsewhere(port: NeutronPort, smartNicHost: string | null, { context }: Operation): boolean {
  return !['', context.task.node.uuid, smartNicHost].includes(port['binding:host_id']);
}
