import { readFile } from 'node:fs/promises';

import type { OpenAPIV3_1 } from 'openapi-types';
import { format, resolveConfig } from 'prettier';

import { createApi } from '../../src/api/api-server.js';
import { NoAuthentication } from '../../src/api/auth/authenticator.js';
import { apiOptions, noResources } from '../../testkit/fixtures/api.js';
import { recordingLogger } from '../../testkit/fixtures/log.js';

type Schema = OpenAPIV3_1.SchemaObject & { 'x-since'?: string; $ref?: string };
type Operation = OpenAPIV3_1.OperationObject<{ 'x-policy': string | null; 'x-since': string }>;
type Document = Omit<OpenAPIV3_1.Document, 'paths'> & { paths: Record<string, Record<string, Operation>> };

/** docs/api.md begins with what is written by hand, up to this line; the rest is made of the OpenAPI document. */
const MARK = '<!-- From here on made by `script/docs`. -->';

/** What has no other version is in all of them. */
const FIRST_VERSION = '1.1';

const FILE = new URL('../../../docs/api.md', import.meta.url);

/** docs/api.md: what it begins with, and every route and resource. */
export async function apiReference(): Promise<string> {
  const [head = ''] = (await readFile(FILE, 'utf8')).split(MARK);
  const text = `${head}${MARK}\n\n${reference(await servedDocument())}`;
  return format(text, { ...(await resolveConfig(import.meta.filename)), parser: 'markdown', proseWrap: 'always' });
}

/** What a server serves that needs neither a database nor RabbitMQ. */
export async function servedDocument(): Promise<Document> {
  const parts = { ...noResources(), log: recordingLogger().log, authenticator: new NoAuthentication() };
  const server = await createApi(apiOptions(), parts);
  try {
    return (await server.inject('/openapi.json')).json<Document>();
  } finally {
    await server.close();
  }
}

function reference(document: Document): string {
  const sections = (document.tags ?? []).map(({ name, description = '' }) => {
    const routes = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item)
        .filter(([, { tags }]) => tags?.includes(name))
        .map(([method, operation]) => route(method, path, operation)),
    );
    return [`## ${name}`, `${description}.`, ...routes].join('\n\n');
  });
  const schemas = Object.entries(document.components?.schemas ?? {})
    .filter(([name]) => !isPage(name))
    .flatMap(([name, schema]) => {
      const fields = schemaFields(schema);
      return fields === null ? [] : [[`### ${name}`, `${schema.description ?? ''}.`, fields].join('\n\n')];
    });
  return [...sections, '## Resources', ...schemas, ''].join('\n\n');
}

function route(method: string, path: string, operation: Operation): string {
  const { summary = '', parameters = [], requestBody, responses = {} } = operation;
  const policy = operation['x-policy'];
  const since = operation['x-since'] === FIRST_VERSION ? '' : ` From version ${operation['x-since']} on.`;
  const who = policy === null ? 'Anybody may ask.' : `Rule: \`${policy}\`.`;
  const own = parameters.filter((one): one is OpenAPIV3_1.ParameterObject => 'in' in one);
  const body = (requestBody as OpenAPIV3_1.RequestBodyObject | undefined)?.content['application/json']?.schema;
  return [
    `### ${method.toUpperCase()} ${path}`,
    `${summary}.${since} ${who}`,
    ...(own.length > 0 ? [parameterList(own)] : []),
    ...(body === undefined ? [] : [`Body: ${bodyOf(body)}`]),
    `Answers: ${Object.entries(responses).map(answer).join(', ')}.`,
  ].join('\n\n');
}

function answer([status, one]: [string, OpenAPIV3_1.ReferenceObject | OpenAPIV3_1.ResponseObject]): string {
  if ('$ref' in one) return status;
  const schema = one.content?.['application/json']?.schema as Schema | undefined;
  return schema?.$ref === undefined ? status : `${status} (${linkTo(schema.$ref)})`;
}

function bodyOf(schema: object): string {
  const { properties, type } = schema as Schema;
  if (type === 'array') return 'a JSON patch: a list of `op` (add, replace, remove), `path` and `value`.';
  return properties === undefined ? 'JSON.' : `an object.\n\n${fieldList(schema)}`;
}

function parameterList(parameters: readonly OpenAPIV3_1.ParameterObject[]): string {
  const items = parameters.map((one) => {
    const schema = (one.schema ?? {}) as Schema;
    return item(one.name, [one.in, typeOf(schema), ...since(one as object, schema)], one.description);
  });
  return `Parameters:\n\n${items.join('\n')}`;
}

/** The fields of an object, or of each value of a map; null: the schema is neither. */
function schemaFields(schema: Schema): string | null {
  if (schema.properties !== undefined) return fieldList(schema);
  const values = schema.additionalProperties;
  if (typeof values !== 'object' || !('properties' in values)) return null;
  return `Each value has these fields:\n\n${fieldList(values)}`;
}

function fieldList({ properties = {}, required = [] }: Schema): string {
  const items = Object.entries(properties).map(([name, one]) => {
    const schema = one as Schema;
    const needed = required.includes(name) ? ['required'] : [];
    return item(name, [typeOf(schema), ...needed, ...since(schema)], schema.description);
  });
  return items.join('\n');
}

function item(name: string, properties: readonly string[], meaning = ''): string {
  return `- \`${name}\` (${properties.join(', ')})${meaning === '' ? '' : `: ${meaning}`}`;
}

/** From which version on, where it is not the first one. */
function since(...schemas: readonly Pick<Schema, 'x-since'>[]): string[] {
  const version = schemas.find((schema) => schema['x-since'] !== undefined)?.['x-since'] ?? FIRST_VERSION;
  return version === FIRST_VERSION ? [] : [`since ${version}`];
}

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return linkTo(schema.$ref);
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map((one) => typeOf(one as Schema)))].join(' or ');
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(' or ');
  if (schema.type === 'array') return `list of ${typeOf(schema.items)}`;
  const name = schema.format === 'uuid' ? 'UUID' : schema.format === 'date-time' ? 'time' : null;
  return name ?? [schema.type ?? 'any'].flat().join(' or ');
}

function linkTo(ref: string): string {
  const name = /[^/]+$/.exec(ref)?.[0] ?? '';
  return isPage(name) ? `a page of ${name.slice(0, -4)}` : `[${name}](#${name.toLowerCase()})`;
}

/** VIFs come all at once. */
function isPage(name: string): boolean {
  return name.endsWith('List') && name !== 'VifList';
}
