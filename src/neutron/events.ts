import { z } from 'zod';

/**
 * The events that Neutron sends about bare-metal ports. bind_port means that a port's status went from DOWN to ACTIVE
 * or ERROR; unbind_port means that it went from ACTIVE to DOWN or ERROR. Neither proves that a switch was changed.
 * Neutron sends no events about ports with another vnic_type, such as smart NICs, and none if a binding failed and the
 * port stayed DOWN.
 * Source: neutron/notifiers/ironic.py.
 */
export const PORT_EVENTS = ['network.bind_port', 'network.unbind_port', 'network.delete_port'] as const;

/** The longest text in characters. No name, address or id that Neutron sends is longer. */
const MAX_TEXT = 255;

const text = () => z.string().max(MAX_TEXT);

/**
 * One event. Neutron leaves out empty fields. Fields may be null where Ironic allows it. Unknown fields are dropped,
 * and a host may have any name, because we act only on event, port_id and status.
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
  /** The items that are not valid events: their indexes, and what is wrong with them, by field. */
  problems: { index: number; problem: string }[];
}

/** Reads a batch of events item by item, so that an invalid item does not lose the others. */
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
