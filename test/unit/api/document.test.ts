import SwaggerParser from '@apidevtools/swagger-parser';
import { expect } from 'chai';
import type { OpenAPIV3_1 } from 'openapi-types';

import { createApi } from '../../../src/api/api-server.js';
import { NoAuthentication } from '../../../src/api/auth/authenticator.js';
import { RULES } from '../../../src/api/auth/policy.js';
import { NODE } from '../../../src/api/routes/node-routes.js';
import { PORT } from '../../../src/api/routes/port-routes.js';
import { PORTGROUP } from '../../../src/api/routes/portgroup-routes.js';
import { apiOptions, noResources } from '../../../testkit/fixtures/api.js';
import { recordingLogger } from '../../../testkit/fixtures/log.js';

type Operation = OpenAPIV3_1.OperationObject<{ 'x-policy': string | null; 'x-since': string }>;
type Document = Omit<OpenAPIV3_1.Document, 'paths'> & { paths: Record<string, Record<string, Operation>> };

/** The document that is served, and the routes that there are. */
async function served(authStrategy: 'keystone' | 'http_basic' | 'noauth' = 'keystone') {
  const parts = { ...noResources(), log: recordingLogger().log, authenticator: new NoAuthentication() };
  const server = await createApi(apiOptions({ authStrategy }), parts);
  try {
    const answer = await server.inject('/openapi.json');
    return { document: answer.json<Document>(), routes: server.printRoutes({ commonPrefix: false }) };
  } finally {
    await server.close();
  }
}

const operationsOf = ({ paths }: Document): [string, Operation][] =>
  Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): [string, Operation] => [`${method} ${path}`, operation]),
  );

describe('the OpenAPI document', () => {
  let document: Document;
  let routes: string;

  before(async () => {
    ({ document, routes } = await served());
  });

  it('is valid', async () => {
    expect(document.openapi).to.equal('3.1.0');
    await SwaggerParser.validate(structuredClone(document) as never);
  });

  it('has every route', () => {
    const listed = routes.match(/\((?:[A-Z]+(?:, )?)+\)/g)?.flatMap((names) => names.slice(1, -1).split(', ')) ?? [];
    // The files of the console are not for programs.
    const hidden = ['/console', '/console/*'].length;
    expect(operationsOf(document)).to.have.length(listed.filter((method) => method !== 'HEAD').length - hidden);
  });

  it('has a summary, a tag and a policy for each route', () => {
    const tags = document.tags?.map(({ name }) => name);
    const policies = new Set<string | null>();
    for (const [name, operation] of operationsOf(document)) {
      expect(operation.summary, name).to.match(/^[A-Z].{7,}/);
      expect(tags, name).to.include(operation.tags?.[0]);
      expect(operation['x-since'], name).to.match(/^1\.\d+$/);
      policies.add(operation['x-policy']);
      expect(operation.security, name).to.deep.equal(operation['x-policy'] === null ? [] : [{ keystone: [] }]);
    }
    expect(policies).to.include(null);
    const asked = [...policies].flatMap((rule) => rule ?? []);
    expect(Object.keys(RULES)).to.include.members(asked);
    // The others are parts of the rule of a route, or stand in for it.
    for (const rule of Object.keys(RULES)) {
      expect(
        asked.some((whole) => rule.startsWith(whole) || whole === `${rule}_all`),
        rule,
      ).to.equal(true);
    }
    expect(operationsOf(document).map(([, { tags }]) => tags?.[0])).to.include.members(tags ?? []);
  });

  it('describes each parameter, each field of a body, and each answer', () => {
    for (const [name, { parameters = [], requestBody, responses = {} }] of operationsOf(document)) {
      const own = parameters.filter((parameter) => 'in' in parameter);
      for (const { name: parameter, description } of own) expect(description, `${name} ${parameter}`).to.be.a('string');
      const schema = (requestBody as OpenAPIV3_1.RequestBodyObject | undefined)?.content['application/json']?.schema;
      for (const [field, property] of Object.entries(
        (schema as OpenAPIV3_1.SchemaObject | undefined)?.properties ?? {},
      )) {
        expect(property.description, `${name} ${field}`).to.be.a('string');
      }
      for (const [status, answer] of Object.entries(responses)) {
        const { description = 'of its component' } = answer as { description?: string };
        expect(description, `${name} ${status}`).to.not.equal('Default Response');
      }
      expect(Object.keys(responses), name).to.include.members(['429', '500']);
    }
  });

  for (const resource of [NODE, PORT, PORTGROUP]) {
    it(`has every field of a ${resource.title}, with its meaning and its version`, () => {
      const { properties = {} } = document.components?.schemas?.[resource.title] ?? {};
      for (const [name, { since }] of Object.entries(resource.fields)) {
        const property = properties[name] as { description?: string; 'x-since'?: string } | undefined;
        expect(property?.description, name).to.be.a('string');
        expect(property?.['x-since'], name).to.equal(`1.${since}`);
      }
      const others = [...resource.children.map(({ name }) => name), 'links'];
      expect(Object.keys(properties)).to.have.members([...Object.keys(resource.fields), ...others]);
    });
  }

  it('has the security scheme of the configured auth_strategy', async () => {
    expect(document.components?.securitySchemes).to.have.keys('keystone');
    const basic = (await served('http_basic')).document;
    expect(basic.components?.securitySchemes?.['basic']).to.include({ type: 'http', scheme: 'basic' });
    expect(basic.paths['/v1/nodes']?.['get']?.security).to.deep.equal([{ basic: [] }]);
    expect((await served('noauth')).document.components?.securitySchemes).to.deep.equal({});
  });
});
