import { InvalidParameterValue, MissingParameterValue } from './errors.js';
import { shown } from './plain.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;

/**
 * A valid switch_id for Ironic's validator, in lower case: a MAC address, or an OpenFlow datapath id of 16 digits.
 *
 * Source: Ironic, api/controllers/v1/utils.py local_link_normalize; common/utils.py validate_and_normalize_mac and
 * validate_and_normalize_datapath_id.
 */
export const SWITCH_ID = /^([0-9a-f]{2}(:[0-9a-f]{2}){5}|[0-9a-f]{16})$/;

/** Whether the text is a UUID, in upper or lower case. */
export function isUuid(value: string): boolean {
  return UUID.test(value.toLowerCase());
}

/** Reads a UUID. Returns it in lower case. @throws MissingParameterValue, InvalidParameterValue that names the path */
export function uuid(value: unknown, path: string): string {
  return matching(UUID, value, path, 'a UUID, such as 1be26c0b-03f2-4d2e-ae87-c02d7f33c123');
}

/** Reads a MAC address. Returns it in lower case. @throws MissingParameterValue, InvalidParameterValue that names the path */
export function mac(value: unknown, path: string): string {
  return matching(MAC, value, path, 'a MAC address, such as 52:54:00:12:34:56');
}

/** Reads a value that may be null. */
export function optional(value: unknown, path: string, read: (value: unknown, path: string) => string): string | null {
  return value === null ? null : read(value, path);
}

function matching(pattern: RegExp, value: unknown, path: string, expected: string): string {
  if (value === null || value === undefined)
    throw new MissingParameterValue(`${path} is missing: it must be ${expected}`);
  if (typeof value === 'string' && pattern.test(value)) return value;
  const text = typeof value === 'string' ? value.toLowerCase() : '';
  if (!pattern.test(text)) throw new InvalidParameterValue(`${path} must be ${expected}, not ${shown(value)}`);
  return text;
}
