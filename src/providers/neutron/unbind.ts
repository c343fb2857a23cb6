import { NetworkError } from '../../contract/errors.js';
import { NeutronError } from '../../neutron/errors.js';
import type { NeutronPort } from '../../neutron/resources.js';
import { isBound, UNBOUND } from './changes.js';
import type { Operation } from './operation.js';
import { noAgent } from './smart-nic.js';
import { sendUpdate, updatePort } from './update.js';

/**
 * Takes a tenant's Neutron port off this node and leaves it as the tenant made it: without host and profile, and with
 * a MAC address of Neutron's own where it had the NIC's. A port that is gone, or on another host, is left alone.
 *
 * Two requests, for Neutron refuses to change the MAC address of a bound port. A crash between them leaves an unbound
 * port with the NIC's address, so that is looked at too.
 *
 * @param address the MAC address that the port was given when it was bound; null: it kept its own
 * @param smartNicHost the host of the smart NIC that it may be bound to
 * @param absent hosts of smart NICs on which nobody would unplug the port
 * @throws NetworkError when its smart NIC is one of those
 */
export async function unbindPort(
  port: NeutronPort,
  { address, smartNicHost }: { address: string | null; smartNicHost: string | null },
  absent: ReadonlySet<string>,
  operation: Operation,
): Promise<void> {
  const { context } = operation;
  const host = port['binding:host_id'];
  if (isElsewhere(port, smartNicHost, operation)) {
    context.log.warn('VIF is on another host, and left alone', { port: port.id, host });
    return;
  }
  if (absent.has(host)) throw new NetworkError(noAgent(host));
  try {
    if (host !== '') {
      await updatePort(port, [UNBOUND], port['binding:profile'], operation);
      context.log.info('VIF unbound', { port: port.id });
    }
    if (port.mac_address.toLowerCase() === address) await sendUpdate(port, { mac_address: null }, operation);
  } catch (error) {
    if (!(error instanceof NeutronError && error.status === 404)) throw error;
  }
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
