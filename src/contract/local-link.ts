import type { JsonObject } from './types.js';

/**
 * A switch as Ironic's validator takes one, in lower case: its MAC address, or an OpenFlow datapath id of 16 digits.
 *
 * Source: Ironic, api/controllers/v1/utils.py local_link_normalize; common/utils.py validate_and_normalize_mac and
 * validate_and_normalize_datapath_id.
 */
export const SWITCH_ID = /^([0-9a-f]{2}(:[0-9a-f]{2}){5}|[0-9a-f]{16})$/;

/**
 * The link with its switch_id in lower case, as Ironic's own API keeps it: what writes to Ironic's database past the API does
 * not see to that, and switches are told apart by the text. A text that is no such id is left alone.
 */
export function normalizedLink(link: JsonObject): JsonObject {
  const { switch_id: id } = link;
  if (typeof id !== 'string') return link;
  const lower = id.toLowerCase();
  return lower === id || !SWITCH_ID.test(lower) ? link : { ...link, switch_id: lower };
}
