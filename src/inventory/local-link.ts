import { z } from 'zod';

import { text } from './fields.js';

const SWITCH_ID = /^([0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){7})$/;

/**
 * Where a NIC is plugged in: nothing, or a port of a switch, or of a smart NIC's host, or a network that nobody manages.
 *
 * Source: Ironic, api/controllers/v1/utils.py LOCAL_LINK_CONN_SCHEMA.
 */
export const localLinkConnection = z
  .strictObject({
    switch_id: text(255).regex(SWITCH_ID, { error: 'expected a MAC address or an OpenFlow datapath id' }).optional(),
    port_id: text(255).optional(),
    hostname: text(255).optional(),
    switch_info: text(255).optional(),
    network_type: z.enum(['managed', 'unmanaged'], { error: 'expected managed or unmanaged' }).optional(),
  })
  .nullable()
  .transform((value) => value ?? {})
  .refine(isWhole, {
    error: 'expected switch_id and port_id, or hostname and port_id, or network_type unmanaged; or an empty object',
  });

function isWhole(link: Readonly<Record<string, string | undefined>>): boolean {
  if (Object.keys(link).length === 0 || link['network_type'] === 'unmanaged') return true;
  return link['port_id'] !== undefined && (link['switch_id'] !== undefined || link['hostname'] !== undefined);
}
