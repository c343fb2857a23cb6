import { type EntityManager, type EntityTarget, type FindOptionsWhere, Not } from 'typeorm';

import { ofProject } from '../state/index.js';
import { InputRefused, notFound } from './errors.js';
import { uuidField } from './input-fields.js';

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

/** @throws InputRefused when there is a row with this UUID */
export async function assertNew<Row extends { uuid: string }>(
  manager: EntityManager,
  entity: EntityTarget<Row>,
  what: Named,
  id: string,
): Promise<void> {
  if (await manager.existsBy(entity, { uuid: id } as FindOptionsWhere<Row>)) throw taken(what, `UUID ${id}`);
}

/**
 * Checks that no other row has one of these values. It locks what it reads: of two transactions that add the same value,
 * one is rolled back and tried again (see lock.ts).
 *
 * @param id UUID of the row that gets the values
 * @param values in the order in which they are checked; null and undefined are not checked
 * @throws InputRefused that names the first value that another row has
 */
export async function assertUnique<Row extends { uuid: string }>(
  manager: EntityManager,
  entity: EntityTarget<Row>,
  what: Named,
  id: string,
  values: { name?: string | null | undefined; address?: string | null | undefined },
): Promise<void> {
  for (const [column, value] of Object.entries(values)) {
    if (value === null || value === undefined) continue;
    const where = { [column]: value, uuid: Not(id) } as FindOptionsWhere<Row>;
    const other = await manager.findOne(entity, { where, lock: { mode: 'pessimistic_write' } });
    if (other !== null) throw taken(what, `${column === 'address' ? 'MAC address' : column} ${value}`);
  }
}

function taken(what: Named, value: string): InputRefused {
  return new InputRefused('conflict', `A ${what.toLowerCase()} with ${value} already exists.`);
}

function ambiguous(what: Named, name: string, rows: readonly { uuid: string }[]): InputRefused {
  const uuids = rows.map(({ uuid: id }) => id).sort();
  return new InputRefused(
    'conflict',
    `Several ${what.toLowerCase()}s have the name ${name.slice(0, 80)}: use a UUID, such as ${uuids.join(' or ')}.`,
  );
}
