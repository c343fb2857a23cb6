import { NeutronError } from '../../neutron/errors.js';
import type { NeutronPort } from '../../neutron/resources.js';
import type { Operation } from './operation.js';

/**
 * Takes a tenant's Neutron port off this node and leaves it as the tenant made it: without host and profile, and with
 * a MAC address of Neutron's own where it had the NIC's. A port that is gone, or on another host, is left alone.
 *
 * Two requests, for Neutron refuses to change the MAC address of a bound port. A crash between them leaves an unbound
 * port with the NIC's address, so that is looked at too.
 *
 * @param address the MAC address that the port was given when it was bound; null: it kept its own
 */
export async function unbindPort(port: NeutronPort, address: string | null, operation: Operation): Promise<void> {
  const { client, context, request } = operation;
  const host = port['binding:host_id'];
  if (host !== '' && host !== context.task.node.uuid) {
    context.log.warn('VIF is on another host, and left alone', { port: port.id, host });
    return;
  }
  try {
    if (host !== '') {
      await client.updatePort(port.id, { 'binding:host_id': '', 'binding:profile': {} }, request);
      context.log.info('VIF unbound', { port: port.id });
    }
    if (port.mac_address.toLowerCase() === address) await client.updatePort(port.id, { mac_address: null }, request);
  } catch (error) {
    if (!(error instanceof NeutronError && error.status === 404)) throw error;
  }
}
