import type { FastifyRequest } from 'fastify';

import { InputRefused } from '../../inventory/errors.js';
import { uuidField } from '../../inventory/fields.js';
import { SINCE } from './microversion.js';

const EXTENSION = '.json';

/** What lists are called in URLs. No item can be: the names of items are never at these places. */
const LISTS = new Set(['v1', 'nodes', 'ports', 'portgroups', 'operations', 'vifs', 'network', 'drivers', 'chassis']);

/**
 * The URL of a list without `.json` at its end: clients once said so what they wanted.
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

/** Where an item is looked for by what names it. */
export type Finders = Readonly<Record<'node' | 'port' | 'portgroup', (ident: string) => Promise<unknown>>>;

/** The same for an item, whose own name may end so: until 1.91 the name with it counts first, and then the one without. */
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
