import type protobuf from 'protobufjs/light.js';

import { schema } from './schema.js';
import type { Node, Port, PortBinding, Portgroup } from './types.js';

/** How the database keeps a field. */
export type FieldKind = 'text' | 'boolean' | 'json';

/** The fields of a message of the contract, in the order in which proto/network_provider.proto has them. */
export type Fields<T> = Readonly<Record<keyof T & string, FieldKind>>;

function kindOf({ name, type, repeated, resolvedType }: protobuf.Field): FieldKind {
  if (repeated || resolvedType !== null) return 'json';
  if (type === 'string') return 'text';
  if (type === 'bool') return 'boolean';
  throw new TypeError(`there is no kind of column for the field ${name} of type ${type}`);
}

function fieldsOf<T>({ fieldsArray }: protobuf.Type, without: readonly string[] = []): Fields<T> {
  const kept = fieldsArray.filter(({ name }) => !without.includes(name));
  return Object.fromEntries(kept.map((field) => [field.name, kindOf(field)])) as Fields<T>;
}

/**
 * The fields of nodes, ports, portgroups and bindings in tasks and results. The database has a column of the same name
 * for each of them. Columns with other names hold values of the operators, or of netprov itself.
 */
export const FIELDS = {
  // network_provider stands for network_interface too: see readTask.
  node: fieldsOf<Node>(schema.node, ['network_interface']),
  port: fieldsOf<Port>(schema.port),
  portgroup: fieldsOf<Portgroup>(schema.portgroup),
  binding: fieldsOf<PortBinding>(schema.portBinding),
} as const;

/** Whether a node, port or portgroup in a task has this field. */
export function isInTasks(kind: 'node' | 'port' | 'portgroup', field: string): boolean {
  return Object.hasOwn(FIELDS[kind], field);
}
