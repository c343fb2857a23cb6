import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import type { OpenAPIV3 } from 'openapi-types';

import { MAXIMUM, MINIMUM } from './microversion.js';

/** The head of the OpenAPI document. Either way to log in is one of an auth_strategy's; with noauth none is needed. */
export function documentHead(version: string): Pick<OpenAPIV3.Document, 'info' | 'components' | 'security'> {
  return {
    info: {
      title: 'netprov: Bare Metal network providers',
      description: `Laid out as version 1 of Ironic's API, microversions 1.${MINIMUM} to 1.${MAXIMUM}.`,
      version,
    },
    components: {
      securitySchemes: {
        keystone: { type: 'apiKey', in: 'header', name: 'X-Auth-Token' },
        http_basic: { type: 'http', scheme: 'basic' },
      },
    },
    security: [{ keystone: [] }, { http_basic: [] }],
  };
}

/** What the document has of a route: its schemas, and the rule of who may ask. */
export const describeRoute: typeof jsonSchemaTransform = (input) => {
  const { schema, url } = jsonSchemaTransform(input);
  const policy = input.route.config?.policy ?? null;
  const access = policy === null ? { security: [] } : { 'x-policy': policy };
  return { schema: { ...schema, ...access }, url };
};
