import type { EntityManager } from 'typeorm';

import { uuid } from '../contract/task.js';
import { nodesNamed } from '../state/index.js';
import { UsageError } from './exit.js';

/**
 * UUIDs of the nodes that an argument speaks of: a UUID, of a node that may not be on record, or the name of one that is.
 * Undefined: it was not given.
 *
 * @throws UsageError when no node on record has the name, or several have
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
