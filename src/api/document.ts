import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { OpenAPIV3_1 } from 'openapi-types';

import { MAXIMUM, MINIMUM } from './http/microversion.js';

/** How callers authenticate: option auth_strategy. */
export type AuthStrategy = 'keystone' | 'http_basic' | 'noauth';

type Operation = OpenAPIV3_1.OperationObject<{ 'x-policy'?: string | null; 'x-since'?: string }>;

const TAGS: Readonly<Record<string, string>> = {
  Versions: 'The versions of this API; no authentication needed',
  Nodes: 'Nodes and their network providers',
  Ports: 'Ports (NICs) of nodes',
  Portgroups: 'Portgroups (LAGs) of nodes',
  VIFs: 'Neutron ports that are attached to nodes. A worker attaches and detaches them',
  Events: "Neutron's events about ports",
  'Not here':
    "Parts of Ironic's API that netprov does not have. The answers are those of an Ironic without such resources",
  Operations:
    'Recorded operations, and the current networks of nodes, on record and in Neutron. Ironic has no such resources',
  Fleet: 'How the whole is: workers, checks, and the operations of the last minutes. Ironic has no such resources',
  Recovery:
    'Dead letters, replays of the journal, reconciliations with Neutron, and the record of who had them done. Ironic has no such resources',
  Console: 'Log-ins of people at the console, /console/. Programs need none: they send credentials with each request',
};

const ERROR = { schema: { $ref: '#/components/schemas/Error' } };
const REFUSED = { schema: { $ref: '#/components/schemas/AuthenticationError' } };

/** Answers that the server itself can give on any route, by status. */
const FAULTS: Readonly<Record<number, { name: string; description: string; body?: typeof ERROR }>> = {
  400: { name: 'BadRequest', description: 'The request is invalid; the message names the part' },
  401: { name: 'Unauthorized', description: 'The credentials are missing or invalid', body: REFUSED },
  403: { name: 'Forbidden', description: 'The caller lacks the role that the policy rule requires' },
  404: { name: 'NotFound', description: 'The resource does not exist, or not in this version of the API' },
  406: {
    name: 'NotAcceptable',
    description: 'The API does not have this version, or this version does not have what the request uses',
  },
  409: {
    name: 'Conflict',
    description: 'The request contradicts the current state, or an operation of the node is running',
  },
  413: {
    name: 'TooLarge',
    description: 'The body is larger than api.max_body_bytes, or than the database accepts in a statement',
  },
  414: { name: 'UriTooLong', description: 'A name in the URL is too long' },
  415: { name: 'UnsupportedMediaType', description: 'The Content-Type of the body is not application/json' },
  421: {
    name: 'Misdirected',
    description: 'The request is for a host name that is not in api.host_names; only with auth_strategy noauth',
  },
  429: { name: 'TooMany', description: 'Too many requests or failed logins; Retry-After says when to try again' },
  500: { name: 'Failed', description: 'Neutron refused, or an unexpected error occurred' },
  503: {
    name: 'Unavailable',
    description: 'Keystone, Neutron, RabbitMQ or the database is unavailable, or no worker serves the request',
  },
  504: { name: 'TimedOut', description: 'No worker answered in time: the operation may still be running' },
};

const text = (description: string, example: string) => ({ description, schema: { type: 'string' as const }, example });
const VERSION_HEADERS = ['X-OpenStack-Ironic-API-Version', 'OpenStack-API-Version'] as const;

const PARAMETERS: Readonly<Record<string, OpenAPIV3_1.ParameterObject>> = {
  [VERSION_HEADERS[0]]: {
    name: VERSION_HEADERS[0],
    in: 'header',
    ...text(`The requested API version, from 1.${MINIMUM} to 1.${MAXIMUM}, or latest; default 1.1`, `1.${MAXIMUM}`),
  },
  [VERSION_HEADERS[1]]: {
    name: VERSION_HEADERS[1],
    in: 'header',
    ...text("The same in OpenStack's newer form; it overrides the other header", `baremetal 1.${MAXIMUM}`),
  },
};

const HEADERS: Readonly<Record<string, OpenAPIV3_1.HeaderObject>> = {
  'Openstack-Request-Id': text('Id of this request in the logs', 'req-4f0c1c9b-e0d9-4d6f-8f0f-5a3f0c0f3f52'),
  [VERSION_HEADERS[0]]: text('The API version of the answer', `1.${MAXIMUM}`),
  [VERSION_HEADERS[1]]: text("The same in OpenStack's newer form", `baremetal 1.${MAXIMUM}`),
  'X-OpenStack-Ironic-API-Minimum-Version': text('The oldest supported API version', `1.${MINIMUM}`),
  'X-OpenStack-Ironic-API-Maximum-Version': text('The newest supported API version', `1.${MAXIMUM}`),
};

const SCHEMES: Readonly<Record<AuthStrategy, Record<string, OpenAPIV3_1.SecuritySchemeObject>>> = {
  keystone: {
    keystone: { type: 'apiKey', in: 'header', name: 'X-Auth-Token', description: "Keystone's token" },
  },
  http_basic: {
    basic: { type: 'http', scheme: 'basic', description: 'A user name and password from the password file' },
  },
  noauth: {},
};

const SCHEMAS: Readonly<Record<string, OpenAPIV3_1.SchemaObject>> = {
  Error: {
    type: 'object',
    description: "Ironic's error document",
    properties: {
      error_message: {
        type: 'string',
        description: 'JSON as a string: faultstring is the message, faultcode is Client or Server, debuginfo is null',
        example: '{"faultcode":"Client","faultstring":"Node n1 could not be found.","debuginfo":null}',
      },
    },
    required: ['error_message'],
    additionalProperties: false,
  },
  AuthenticationError: {
    type: 'object',
    description: 'The error document of keystonemiddleware or ironic_lib',
    properties: {
      error: {
        type: 'object',
        properties: { code: { type: 'integer' }, message: { type: 'string' }, title: { type: 'string' } },
        required: ['code', 'message'],
        additionalProperties: false,
      },
    },
    required: ['error'],
    additionalProperties: false,
  },
};

/** Options that build the OpenAPI document from the routes: from each route's schemas, policy rule and version. */
export function documentOptions(version: string, strategy: AuthStrategy): FastifyDynamicSwaggerOptions {
  return {
    openapi: { openapi: '3.1.0', ...documentHead(version, strategy) },
    transform: (input) => {
      const { schema, url } = jsonSchemaTransform(input);
      const { policy = null, since = MINIMUM } = input.route.config ?? {};
      const ours = { tags: [tagOf(url)], 'x-policy': policy, 'x-since': `1.${since}` };
      return { schema: { ...schema, ...ours }, url };
    },
    transformObject: (input) => {
      const document = jsonSchemaTransformObject(input) as OpenAPIV3_1.Document;
      const schemas = withoutInputs(document.components?.schemas ?? {});
      document.components = { ...document.components, schemas };
      for (const [path, item] of Object.entries(document.paths ?? {})) {
        for (const [method, operation] of Object.entries(item ?? {})) {
          describe(operation as Operation, schemas);
          complete(operation as Operation, path, method, strategy);
        }
      }
      return document;
    },
  };
}

function documentHead(
  version: string,
  strategy: AuthStrategy,
): Pick<OpenAPIV3_1.Document, 'info' | 'tags' | 'components'> {
  return {
    info: {
      title: 'netprov: network providers of bare-metal nodes',
      description: `Compatible with version 1 of Ironic's API, microversions 1.${MINIMUM} to 1.${MAXIMUM}.`,
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    components: {
      schemas: { ...SCHEMAS },
      parameters: { ...PARAMETERS },
      headers: { ...HEADERS },
      securitySchemes: SCHEMES[strategy],
      responses: Object.fromEntries(
        Object.values(FAULTS).map(({ name, description, body = ERROR }) => [
          name,
          { description, content: { 'application/json': body } },
        ]),
      ),
    },
  };
}

function tagOf(url: string): string {
  if (/\/(operations|networks?|neutron|whereabouts)\b/.test(url)) return 'Operations';
  if (/^\/v1\/(workers|health|metrics|queues)\b/.test(url)) return 'Fleet';
  if (/^\/v1\/(dead-letters|replays|reconciliations|actions)\b/.test(url)) return 'Recovery';
  const [, version, first = '', , below] = url.split('/');
  if (version === 'console') return 'Console';
  if (version !== 'v1' || first === '') return 'Versions';
  if (first !== 'events' && !['nodes', 'ports', 'portgroups'].includes(first)) return 'Not here';
  if (first === 'nodes' && below !== undefined && !['ports', 'portgroups', 'vifs', 'validate'].includes(below)) {
    return 'Not here';
  }
  const name = ['ports', 'portgroups', 'vifs'].find((part) => part === below) ?? first;
  return Object.keys(TAGS).find((tag) => tag.toLowerCase() === name) ?? 'Versions';
}

const SESSION = '/console/session';

type Schemas = Readonly<Record<string, OpenAPIV3_1.SchemaObject>>;

/** Removes the `...Input` schemas: the named types occur only in answers, so their request form is not needed. */
function withoutInputs(schemas: Schemas): Schemas {
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => !name.endsWith('Input')));
}

/** Copies the description of an answer's schema to the answer, and those of its fields to the fields of the body. */
function describe({ responses = {}, requestBody }: Operation, schemas: Schemas): void {
  const body = schemaIn(requestBody);
  for (const answer of Object.values(responses) as OpenAPIV3_1.ResponseObject[]) {
    const name = /[^/]+$/.exec(String(schemaIn(answer)?.['$ref' as never]))?.[0] ?? '';
    const schema = schemas[name];
    if (schema?.description === undefined) continue;
    answer.description = schema.description;
    for (const [field, property] of Object.entries(body?.properties ?? {})) {
      Object.assign(property, { ...meaningOf(schema.properties?.[field]), ...property });
    }
  }
}

function schemaIn(part: object = {}): OpenAPIV3_1.SchemaObject | undefined {
  const { content } = part as { content?: Record<string, { schema?: OpenAPIV3_1.SchemaObject }> };
  return content?.['application/json']?.schema;
}

function meaningOf(schema: object = {}): object {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key === 'description' || key === 'x-since'));
}

/** Adds what all routes have in common. */
function complete(operation: Operation, path: string, method: string, strategy: AuthStrategy): void {
  const versioned = path.startsWith('/v1');
  const known = operation['x-policy'] !== null;
  operation.security = known ? Object.keys(SCHEMES[strategy]).map((scheme) => ({ [scheme]: [] })) : [];
  if (versioned) operation.parameters = [...(operation.parameters ?? []), ...refs('parameters', VERSION_HEADERS)];
  const headers = versioned ? Object.keys(HEADERS) : ['Openstack-Request-Id'];
  for (const answer of Object.values(operation.responses ?? {})) {
    const named = headers.map((name) => [name, { $ref: `#/components/headers/${name}` }]);
    Object.assign(answer, { headers: Object.fromEntries(named) as object });
  }
  operation.responses ??= {};
  for (const status of faultsOf(operation, path, method, strategy)) {
    operation.responses[status] = { $ref: `#/components/responses/${FAULTS[status]?.name ?? ''}` };
  }
}

function refs(kind: 'parameters', names: readonly string[]): OpenAPIV3_1.ReferenceObject[] {
  return names.map((name) => ({ $ref: `#/components/${kind}/${name}` }));
}

function faultsOf(operation: Operation, path: string, method: string, strategy: AuthStrategy): number[] {
  const versioned = path.startsWith('/v1');
  const known = operation['x-policy'] !== null;
  const asks = operation.parameters?.some((parameter) => 'in' in parameter) ?? false;
  const changes = method !== 'get';
  const calls = /\/(vifs|validate)\b/.test(path) || (path.startsWith('/v1/ports/') && method === 'patch');
  return [
    ...(asks || changes || tagOf(path) === 'Not here' ? [400] : []),
    ...(known || path === SESSION ? [401, 403] : []),
    ...(path.includes('{') || asks || operation['x-since'] !== `1.${MINIMUM}` ? [404] : []),
    ...(path.includes('{') ? [414] : []),
    ...(versioned ? [406] : []),
    // Several nodes can have the same name. Such a name is ambiguous, and the answer is 409.
    ...(path.includes('{') || asks || (changes && !path.endsWith('/events') && path !== SESSION) ? [409] : []),
    ...(changes ? [413, 415] : []),
    ...(strategy === 'noauth' ? [421] : []),
    429,
    500,
    ...(known || path === SESSION ? [503] : []),
    ...(calls ? [504] : []),
  ];
}
