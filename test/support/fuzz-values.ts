import fc from 'fast-check';
import type { OpenAPIV3_1 } from 'openapi-types';

/** What there is, and what may come to be: few of each, so that requests meet. */
export interface Pool {
  /** Of nodes, ports, portgroups, operations: in URLs. */
  idents: readonly string[];
  uuids: readonly string[];
  names: readonly string[];
  macs: readonly string[];
  providers: readonly string[];
  /** Names of fields: for patches and queries. */
  fields: readonly string[];
  /** Whole bodies that Neutron has sent. */
  events: readonly unknown[];
}

type Schema = OpenAPIV3_1.SchemaObject;

/** Values that nobody expects. */
export const absurd: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(null, true, 0, -1, 1e308, -0, 2 ** 53, '', ' ', '\0', "'; DROP TABLE nodes; --", '%', '\u202e', '💥'),
  fc.constantFrom('x'.repeat(300), 'x'.repeat(70_000), '\ud800', '__proto__', 'constructor', 'null', '1'),
  fc.constantFrom([], {}, [[]], [null], { a: {} }, { constructor: { prototype: 1 } }, Array(500).fill(0)),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.jsonValue({ maxDepth: 4 }),
);

/** A value that a schema lets pass, or nearly. @param name of the field that it is for */
export function valueOf(schema: Schema, pool: Pool, name: string): fc.Arbitrary<unknown> {
  const known = namedValue(name, pool);
  if (known !== null) return known;
  if (schema.enum !== undefined) return fc.constantFrom(...(schema.enum as unknown[]));
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((one) => valueOf(one as Schema, pool, name)));
  const types = [schema.type ?? 'any'].flat();
  return fc.oneof(...types.map((type) => valueOfType(type, schema, pool, name)));
}

function valueOfType(type: string, schema: Schema, pool: Pool, name: string): fc.Arbitrary<unknown> {
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'number':
      return fc.integer({ min: schema.minimum ?? 0, max: 2000 });
    case 'string':
      return textOf(schema, pool);
    case 'array':
      return fc.array(valueOf((schema as OpenAPIV3_1.ArraySchemaObject).items as Schema, pool, name), {
        minLength: schema.minItems ?? 0,
        maxLength: 4,
      });
    case 'object':
      return objectOf(schema, pool);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function objectOf({ properties = {}, required = [] }: Schema, pool: Pool): fc.Arbitrary<unknown> {
  const entries = Object.entries(properties);
  if (entries.length === 0)
    return fc.dictionary(fc.constantFrom('a', 'client-id', 'cleaning_network'), fc.jsonValue({ maxDepth: 1 }));
  const fields = entries.map(([name, schema]) => [name, valueOf(schema as Schema, pool, name)] as const);
  return fc.record(Object.fromEntries(fields), { requiredKeys: required });
}

function textOf({ pattern, format, maxLength = 20 }: Schema, pool: Pool): fc.Arbitrary<string> {
  if (format === 'uuid') return fc.constantFrom(...pool.uuids);
  if (format === 'date-time') return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  return fc.oneof(fc.constantFrom(...pool.names), fc.string({ maxLength: Math.min(maxLength, 300) }));
}

/** What a schema does not tell of a field. */
function namedValue(name: string, pool: Pool): fc.Arbitrary<unknown> | null {
  switch (name) {
    case 'name':
      return fc.constantFrom(null, ...pool.names);
    case 'address':
      return fc.constantFrom(...pool.macs);
    case 'network_provider':
    case 'network_interface':
      return fc.constantFrom(...pool.providers);
    case 'sort_key':
      return fc.constantFrom(...pool.fields);
    case 'fields':
      return fc.array(fc.constantFrom(...pool.fields), { maxLength: 6 }).map((names) => names.join(','));
    case 'path':
      return fc
        .tuple(
          fc.constantFrom(...pool.fields),
          fc.constantFrom('', '/a', '/a/b', '/client-id', '/-', '/0', '/~1', '/~0'),
        )
        .map(([field, below]) => `/${field}${below}`);
    case 'local_link_connection':
      return fc.constantFrom({}, null, { switch_id: '00:11:22:33:44:55', port_id: 'e1' }, { port_id: 'e1' });
    default:
      return null;
  }
}

/** UUIDs for a pool, the same in every run. */
export function someUuids(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`);
}
