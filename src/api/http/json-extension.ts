import type { FastifyRequest } from 'fastify';

import { InputRefused } from '../../inventory/errors.js';
import { uuidField } from '../../inventory/input-fields.js';
import { SINCE } from './microversion.js';

const EXTENSION = '.json';

/** Names of lists in URLs. No item can be mistaken for a list: names of items never stand at these places. */
const LISTS = new Set(['v1', 'nodes', 'ports', 'portgroups', 'operations', 'vifs', 'network', 'drivers', 'chassis']);

/**
 * Removes `.json` from the end of a list's URL. Clients once asked for the format in this way.
 *
 * Source: Ironic, api/middleware/json_ext.py.
 */
export function withoutExtension(url: string): string {
  const [path = '', query] = url.split('?', 2);
  const [, front = '', last = ''] = /^(\/|\/v1\/.*)(?<=\/)([^/]+)\.json\/?$/.exec(path) ?? [];
  const isDetail = last === 'detail' && /^\/v1\/(nodes|ports|portgroups)\/$/.test(front);
  if (!LISTS.has(last) && !isDetail) return url;
  return front + last + (query === undefined ? '' : `?${query}`);
}

/** Functions that find an item by its UUID or name. */
export type Finders = Readonly<Record<'node' | 'port' | 'portgroup', (ident: string) => Promise<unknown>>>;

/**
 * Removes `.json` from the end of an item's URL. The item's own name may end in `.json`, so before version 1.91 the
 * full name is tried first, then the name without `.json`.
 */
export async function acceptExtension(request: FastifyRequest, finders: Finders): Promise<void> {
  if (request.minor >= SINCE.literalJsonNames) return;
  const params = request.params as Record<string, string>;
  for (const [name, find] of Object.entries(finders)) {
    const ident = params[name];
    if (ident?.endsWith(EXTENSION) !== true || !isAtEnd(request, ident)) continue;
    const bare = ident.slice(0, -EXTENSION.length);
    if (uuidField.safeParse(bare).success || !(await isThere(ident, find))) params[name] = bare;
  }
}

function isAtEnd({ url }: FastifyRequest, ident: string): boolean {
  const [path = ''] = url.split('?', 1);
  return decodeURIComponent(path).replace(/\/$/, '').endsWith(`/${ident}`);
}

async function isThere(ident: string, find: (ident: string) => Promise<unknown>): Promise<boolean> {
  try {
    await find(ident);
    return true;
  } catch (error) {
    if (error instanceof InputRefused) return error.kind !== 'not_found';
    throw error;
  }
}
