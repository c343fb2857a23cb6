import type { EntityManager, EntityTarget, FindOptionsWhere } from 'typeorm';

import { ofProject } from '../state/index.js';
import { notFound, InputRefused } from './errors.js';
import { uuidField } from './fields.js';

type Named = 'Node' | 'Port' | 'Portgroup';

/**
 * Finds the row with this UUID or name. Names come from tasks, and nothing here keeps them unique, so a name that
 * several rows have is refused as ambiguous.
 *
 * @param project a lookup by name finds only nodes that this project owns or leases, and their parts; undefined: all
 * @throws InputRefused, and the database's errors
 */
export async function identified<Row extends { uuid: string; name: string | null }>(
  manager: EntityManager,
  entity: EntityTarget<Row>,
  what: Named,
  ident: string,
  project?: string,
): Promise<Row> {
  const id = uuidField.safeParse(ident);
  const named = project === undefined ? {} : { [what === 'Node' ? 'uuid' : 'node_uuid']: ofProject(project) };
  const where = (id.success ? { uuid: id.data } : { name: ident, ...named }) as FindOptionsWhere<Row>;
  const [row, other] = await manager.find(entity, { where, take: 2 });
  if (row === undefined) throw notFound(what, ident);
  if (other !== undefined) throw ambiguous(what, ident, [row, other]);
  return row;
}

function ambiguous(what: Named, name: string, rows: readonly { uuid: string }[]): InputRefused {
  const uuids = rows.map(({ uuid: id }) => id).sort();
  return new InputRefused(
    'conflict',
    `Several ${what.toLowerCase()}s have the name ${name.slice(0, 80)}: use a UUID, such as ${uuids.join(' or ')}.`,
  );
}
