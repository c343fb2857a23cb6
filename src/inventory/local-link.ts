import { z } from 'zod';

import { SWITCH_ID } from '../contract/identifiers.js';
import { fitsInJson } from './input-fields.js';

const field = z.string({ error: 'expected a text' });

/**
 * Where a NIC is plugged in: an empty object, a port of a switch, a port of a smart NIC's host, a VTEP, or an unmanaged
 * network.
 *
 * Source: Ironic, api/controllers/v1/utils.py LOCAL_LINK_CONN_SCHEMA and local_link_normalize. The texts have no limit
 * of their own; the limit is on the whole link.
 */
export const localLinkConnection = z
  .strictObject({
    switch_id: field
      .toLowerCase()
      .regex(SWITCH_ID, { error: 'expected a MAC address, or an OpenFlow datapath id of 16 hexadecimal digits' })
      .optional(),
    port_id: field.optional(),
    hostname: field.optional(),
    switch_info: field.optional(),
    network_type: z.enum(['managed', 'unmanaged'], { error: 'expected managed or unmanaged' }).optional(),
    'vtep-logical-switch': field.optional(),
    'vtep-physical-switch': field.optional(),
  })
  .superRefine(fitsInJson)
  .nullable()
  .transform((value) => value ?? {})
  .refine(isWhole, {
    error: 'expected switch_id and port_id, or hostname and port_id, or network_type unmanaged; or an empty object',
  });

type Link = Readonly<Record<string, string | undefined>>;

function isWhole(link: Link): boolean {
  const has = (...names: string[]): boolean => names.every((name) => link[name] !== undefined);
  if (has('vtep-logical-switch') !== has('vtep-physical-switch')) return false;
  if (Object.keys(link).length === 0 || link['network_type'] === 'unmanaged') return true;
  return has('port_id') && (has('switch_id') || has('hostname') || has('vtep-logical-switch'));
}
