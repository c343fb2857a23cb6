import type { EntityManager } from 'typeorm';

import { uuid } from '../../contract/identifiers.js';
import { UsageError } from '../../services/errors.js';
import { nodesNamed } from '../../state/index.js';

/**
 * UUIDs of the nodes that an argument names: a UUID, even of a node that is not in the database, or the name of a node
 * that is. undefined: the argument was not given.
 *
 * @throws UsageError when no node in the database has the name, or several have it
 */
export async function nodesOf(manager: EntityManager, text: string | undefined): Promise<string[] | undefined> {
  if (text === undefined) return undefined;
  try {
    return [uuid(text, 'node')];
  } catch {
    const named = await nodesNamed(manager, text);
    if (named.length === 1) return named;
    if (named.length > 1) {
      throw new UsageError(
        `several nodes have the name "${text}": give a UUID, such as ${named.slice(0, 2).join(' or ')}`,
      );
    }
    throw new UsageError(`no node on record has the name "${text}"; give its UUID, or correct --node`);
  }
}
