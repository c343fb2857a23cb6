import fc from 'fast-check';
import type { OpenAPIV3_1 } from 'openapi-types';

import type { ApiDocument } from './api-answers.js';
import { absurd, valueOf, type Pool } from './fuzz-values.js';

export interface FuzzedRequest {
  method: string;
  /** The template of the route in the document; null: there is none. */
  path: string | null;
  /** As it is sent. */
  target: string;
  headers: Record<string, string>;
  body: Buffer | null;
}

type Operation = OpenAPIV3_1.OperationObject;
type Parameter = OpenAPIV3_1.ParameterObject & { schema: OpenAPIV3_1.SchemaObject };

/** Requests to every operation of a document: right ones, ones that are nearly right, and absurd ones. */
export function fuzzedRequests(document: ApiDocument, pool: Pool, token: string): fc.Arbitrary<FuzzedRequest> {
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => requestTo(path, method, operation, pool, token)),
  );
  return fc.oneof(
    { weight: 30, arbitrary: fc.oneof(...operations) },
    { weight: 1, arbitrary: requestToNothing(token) },
  );
}

/** Methods that no route has, and paths that no document has. */
function requestToNothing(token: string): fc.Arbitrary<FuzzedRequest> {
  return fc.record({
    method: fc.constantFrom('get', 'put', 'options', 'post', 'delete', 'patch', 'trace'),
    path: fc.constant(null),
    target: fc.constantFrom('/v2', '/v1x', '//v1/nodes', '/v1//nodes', '/%', '/v1/nodes/%zz', '/v1/nodes/%00/..', '/*'),
    headers: headersWith(token, 'application/json'),
    body: fc.constant(null),
  });
}

function requestTo(
  path: string,
  method: string,
  operation: Operation,
  pool: Pool,
  token: string,
): fc.Arbitrary<FuzzedRequest> {
  const body = bodyOf(operation, path, pool);
  const parameters = (operation.parameters ?? []).filter((parameter): parameter is Parameter => 'in' in parameter);
  const query = parameters.filter((parameter) => parameter.in === 'query');
  return fc
    .record({ path: pathOf(path, pool), query: queryOf(query, pool), body, type: contentType })
    .chain(({ path: asked, query: text, body: bytes, type }) =>
      fc.record({
        method: fc.constant(method),
        path: fc.constant(path),
        target: fc.constant(text === '' ? asked : `${asked}?${text}`),
        headers: headersWith(token, bytes === null ? '' : type),
        body: fc.constant(bytes),
      }),
    );
}

const contentType = fc.oneof(
  { weight: 30, arbitrary: fc.constant('application/json') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      'text/plain',
      'application/xml',
      'application/json; charset=latin1',
      '/',
      ';',
      'a b',
    ),
  },
);

const version = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('1.111', 'latest') },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 82 }).map((minor) => `1.${minor}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', '1', '1.0', '1.112', '2.1', '-1.5', '1.1e1', '99999.99999', '1.20, 1.30', '\xff'),
  },
);

/** The planted token is in all that nothing may repeat. */
function headersWith(token: string, type: string): fc.Arbitrary<Record<string, string>> {
  return fc
    .record({ version, other: fc.option(version), id: fc.constantFrom('', 'req-1', 'x'.repeat(4000)) })
    .map((given) => ({
      'x-auth-token': token,
      authorization: `Bearer ${token}`,
      'x-openstack-ironic-api-version': given.version,
      ...(given.other === null ? {} : { 'openstack-api-version': `baremetal ${given.other}, compute 2.1` }),
      ...(given.id === '' ? {} : { 'x-openstack-request-id': given.id }),
      ...(type === '' ? {} : { 'content-type': type }),
    }));
}

const ODD_PARTS = [
  '%',
  '%zz',
  '%00',
  '%ED%A0%80',
  '..%2f',
  '%2e%2e',
  '%2F',
  "'",
  '%22',
  '%5C',
  ';',
  'a'.repeat(3000),
  '*',
  '-1',
];

function pathOf(path: string, pool: Pool): fc.Arbitrary<string> {
  const parts = path.split('/').map((part) => {
    if (!part.startsWith('{')) return fc.constant(part);
    return fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(...pool.idents) },
      { weight: 2, arbitrary: fc.constantFrom(...ODD_PARTS) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }).map(encode) },
    );
  });
  return fc.tuple(...parts).map((all) => (all.join('/') === '' ? '/' : all.join('/')));
}

/** A lone half of a surrogate pair has no encoding. */
function encode(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '?'));
}

function queryOf(parameters: readonly Parameter[], pool: Pool): fc.Arbitrary<string> {
  const right = parameters.map(({ name, schema }) => valueOf(schema, pool, name).map((value) => pair(name, value)));
  const wrong = fc
    .tuple(
      fc.oneof(
        fc.constantFrom('__proto__', 'constructor', 'x'),
        fc.constantFrom('', ...parameters.map(({ name }) => name)),
      ),
      absurd,
    )
    .map(([name, value]) => pair(name, value));
  const raw = fc.constantFrom(
    '%',
    '&&&',
    '=',
    'limit=%zz',
    'limit[]=1',
    'a'.repeat(5000),
    'fields=uuid,uuid',
    'limit=1&limit=2',
  );
  const some = right.length === 0 ? [] : [{ weight: 9, arbitrary: fc.oneof(...right) }];
  const one = fc.oneof(...some, { weight: 1, arbitrary: wrong }, { weight: 1, arbitrary: raw });
  return fc
    .oneof(
      { weight: 2, arbitrary: fc.constant<string[]>([]) },
      { weight: 3, arbitrary: fc.array(one, { maxLength: 3 }) },
    )
    .map((pairs) => pairs.join('&'));
}

function pair(name: string, value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `${encode(name)}=${encode(text.slice(0, 3000))}`;
}

function bodyOf({ requestBody }: Operation, path: string, pool: Pool): fc.Arbitrary<Buffer | null> {
  const schema = (requestBody as OpenAPIV3_1.RequestBodyObject | undefined)?.content['application/json']?.schema;
  if (schema === undefined) {
    return fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: absurd.map(toBytes) });
  }
  const right = path.endsWith('/events')
    ? fc.oneof(valueOf(schema, pool, ''), fc.constantFrom(...pool.events))
    : valueOf(schema, pool, '');
  return fc.oneof(
    { weight: 10, arbitrary: right.map(toBytes) },
    { weight: 6, arbitrary: fc.tuple(right, absurd, fc.nat(), fc.boolean()).map(nearly).map(toBytes) },
    { weight: 2, arbitrary: absurd.map(toBytes) },
    { weight: 3, arbitrary: fc.tuple(right.map(toBytes), fc.nat(), fc.nat(255), fc.nat(3)).map(broken) },
    { weight: 1, arbitrary: fc.constantFrom(...MONSTERS) },
  );
}

/** Sound JSON of which one field is absurd, missing, or one more. */
function nearly([value, wrong, place, missing]: [unknown, unknown, number, boolean]): unknown {
  if (typeof value !== 'object' || value === null) return wrong;
  const copy = structuredClone(value) as Record<string, unknown>;
  const names = [...Object.keys(copy), 'unknown'];
  const name = names[place % names.length] ?? '';
  const inner = copy[name];
  if (typeof inner === 'object' && inner !== null && place % 2 === 0)
    copy[name] = nearly([inner, wrong, place >> 3, missing]);
  else if (missing) Reflect.deleteProperty(copy, name);
  else copy[name] = wrong;
  return copy;
}

/** JSON with a byte that is another, missing, one too many, or the last. */
function broken([bytes, place, byte, how]: [Buffer, number, number, number]): Buffer {
  const at = place % Math.max(1, bytes.length);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  if (how === 0) return before;
  if (how === 1) return Buffer.concat([before, after.subarray(1)]);
  return Buffer.concat([before, Buffer.from([byte]), how === 2 ? after.subarray(1) : after]);
}

const MONSTERS = [
  '',
  '{"extra": {"__proto__": {"admin": true}}}',
  '[{"op": "add", "path": "/extra/__proto__", "value": 1}]',
  '{"name": "a", "name": "b"}',
  '{"extra": 1e999}',
  '['.repeat(200_000),
  `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  `{"extra": ${'{"a":'.repeat(2000)}1${'}'.repeat(2001)}`,
  `[{"op": "add", "path": "/extra/a", "value": ${'['.repeat(5000)}${']'.repeat(5000)}}]`,
  `{"description": "${'x'.repeat(2_000_000)}"}`,
  '{"description": "\\ud800"}',
  '{"name": "\\u0000"}',
  'null',
  '\ufeff{}',
].map((text) => Buffer.from(text));

function toBytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
