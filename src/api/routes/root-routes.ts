import { z } from 'zod';

import { MAXIMUM, MINIMUM, SINCE } from '../http/microversion.js';
import type { Links } from '../http/resource.js';
import type { ApiServer } from '../http/types.js';

/** Adds GET /, GET /v1 and the OpenAPI document, which are open to anybody. */
export function rootRoutes(server: ApiServer, links: Links, version: string): void {
  const any = { response: { 200: z.looseObject({}).describe('Versions and description of this API') } };
  server.get('/', { schema: { summary: 'The versions of this API', ...any }, config: { policy: null } }, (request) => {
    const v1 = versionDocument(links.base(request));
    return {
      name: 'OpenStack Ironic API',
      description: `netprov ${version}: network providers of bare-metal nodes, with an API that is compatible with Ironic's.`,
      default_version: v1,
      versions: [v1],
    };
  });
  server.get(
    '/v1',
    { schema: { summary: 'The resources of version 1', ...any }, config: { policy: null } },
    (request) => {
      const base = links.base(request);
      const resources = ['nodes', 'ports', 'operations'];
      if (request.minor >= SINCE.portgroups) resources.push('portgroups');
      if (request.minor >= SINCE.events) resources.push('events');
      return {
        id: 'v1',
        links: [{ href: `${base}/v1/`, rel: 'self' }],
        media_types: { base: 'application/json', type: 'application/vnd.openstack.ironic.v1+json' },
        version: versionDocument(base),
        ...Object.fromEntries(resources.map((resource) => [resource, links.of(base, `${resource}/`)])),
      };
    },
  );
  server.get(
    '/openapi.json',
    { schema: { summary: 'This OpenAPI document', ...any }, config: { policy: null } },
    () => ({
      ...server.swagger(),
    }),
  );
}

function versionDocument(base: string): object {
  return {
    id: 'v1',
    links: [{ href: `${base}/v1/`, rel: 'self' }],
    status: 'CURRENT',
    min_version: `1.${MINIMUM}`,
    version: `1.${MAXIMUM}`,
  };
}
