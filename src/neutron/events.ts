import { z } from 'zod';

/**
 * What Neutron says of its bare-metal ports by itself. bind_port: a port's status went from DOWN to ACTIVE or ERROR;
 * unbind_port: from ACTIVE to DOWN or ERROR; that is all, and no proof that a switch was changed. Of ports with another
 * vnic_type, smart NICs among them, nothing is said; nor of a binding that failed and left the port DOWN.
 * Source: neutron/notifiers/ironic.py.
 */
export const PORT_EVENTS = ['network.bind_port', 'network.unbind_port', 'network.delete_port'] as const;

/** No name, address or id that Neutron sends is longer. */
const MAX_TEXT = 255;

const text = () => z.string().max(MAX_TEXT);

/**
 * One event. Neutron leaves out what is empty. What Ironic lets be null may be null; what is not known is left out, and a
 * host may have any name: of all fields only event, port_id and status are acted on.
 * Source: ironic/api/controllers/v1/event.py, NETWORK_EVENT_VALIDATOR.
 */
export const portEvent = z.object({
  event: z.enum(PORT_EVENTS, { error: `must be one of ${PORT_EVENTS.join(', ')}` }),
  port_id: z.guid({ error: 'must be a UUID' }).toLowerCase(),
  mac_address: z
    .string({ error: 'must be a MAC address' })
    .regex(/^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i, { error: 'must be a MAC address' }),
  status: text().min(1),
  device_id: text().nullish(),
  'binding:host_id': text().nullish(),
  'binding:vnic_type': text().nullish(),
});

export type PortEvent = z.output<typeof portEvent>;

export interface ReadEvents {
  events: PortEvent[];
  /** The items that are none: their places, and what is wrong with them, by field. */
  problems: { index: number; problem: string }[];
}

/** Reads a batch item by item: one that cannot be read does not lose the others. */
export function readPortEvents(items: readonly unknown[]): ReadEvents {
  const read: ReadEvents = { events: [], problems: [] };
  for (const [index, item] of items.entries()) {
    const { data, error } = portEvent.safeParse(item);
    if (data !== undefined) read.events.push(data);
    else read.problems.push({ index, problem: describe(error) });
  }
  return read;
}

function describe({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message)).join('; ');
}
