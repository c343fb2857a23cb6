import swagger from '@fastify/swagger';
import Fastify from 'fastify';
import { validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { DataSource } from 'typeorm';
import { ZodObject } from 'zod';

import type { NetworkProviderClient } from '../client/client.js';
import type { Nodes } from '../inventory/nodes.js';
import type { Portgroups } from '../inventory/portgroups.js';
import type { Ports } from '../inventory/ports.js';
import { stringifyJson } from '../json.js';
import type { Logger } from '../log/log.js';
import type { Registry } from '../metrics/registry.js';
import type { Authenticator } from './auth/authenticator.js';
import { guard, type GuardOptions } from './auth/guard.js';
import { type AuthStrategy, documentOptions } from './document.js';
import { readBodies } from './http/bodies.js';
import { answerEarly, answerErrors, answerUnreadable } from './http/errors.js';
import { acceptExtension, withoutExtension } from './http/json-extension.js';
import { assertQueryAcceptable } from './http/listing.js';
import { assertServed, MINIMUM, negotiate } from './http/microversion.js';
import { logRequests, registerMetrics, requestIdOf, traceRequests } from './http/request-log.js';
import { Links } from './http/resource.js';
import { serverOptions, type TlsFiles } from './http/tls.js';
import type { ApiServer } from './http/types.js';
import { absentRoutes } from './routes/absent.js';
import { eventRoutes, type EventRoutes } from './routes/events.js';
import { assertNodeIdent, nodeRoutes } from './routes/nodes.js';
import { operationRoutes } from './routes/operations.js';
import { portgroupRoutes } from './routes/portgroups.js';
import { portRoutes } from './routes/ports.js';
import { rootRoutes } from './routes/root.js';
import { validationRoute } from './routes/validation.js';
import { type SeesPort, vifRoutes } from './routes/vifs.js';

export interface ApiOptions {
  /** Version of this package. */
  version: string;
  /** For the document: the authenticator is among the parts. */
  authStrategy: AuthStrategy;
  /** This API's URL in links; null: as the request has it. */
  publicEndpoint: string | null;
  /** Most items in a page of a list. */
  maxLimit: number;
  /** Largest body of a request, in bytes. */
  maxBodyBytes: number;
  /** Addresses and networks of proxies that are believed where a request comes from. */
  trustedProxies: readonly string[];
  /** null: no TLS. */
  tls: TlsFiles | null;
  guard: GuardOptions;
}

/** What the API works with. It opens none of them, and closes none. */
export interface ApiParts {
  /** Where Neutron's events go. */
  events: EventRoutes['events'];
  /** For the metrics of its requests; null: none are taken. */
  registry?: Registry | null;
  dataSource: DataSource;
  nodes: Nodes;
  ports: Ports;
  portgroups: Portgroups;
  /** Asks workers. */
  client: Pick<NetworkProviderClient, 'call'>;
  seesPort: SeesPort | null;
  log: Logger;
  authenticator: Authenticator;
}

/** Longest name in a URL, in characters: each may be written with three. */
const MAX_PARAM = 3 * 255;

/** Milliseconds that a whole request may take to come: who sends it byte by byte shall not hold a connection for ever. */
const REQUEST_WITHIN = 60_000;

/**
 * The REST API. A request meets, in this order: its id, the guard's first question (who asks), the version, the guard's
 * second (may they), the schema of its route, the handler; whatever is thrown on the way becomes Ironic's error document.
 */
export async function createApi(options: ApiOptions, parts: ApiParts): Promise<ApiServer> {
  const server: ApiServer = Fastify({
    https: options.tls === null ? null : serverOptions(options.tls),
    bodyLimit: options.maxBodyBytes,
    trustProxy: options.trustedProxies.length > 0 ? [...options.trustedProxies] : false,
    genReqId: requestIdOf,
    requestTimeout: REQUEST_WITHIN,
    frameworkErrors: answerEarly(parts.log),
    clientErrorHandler: answerUnreadable,
    rewriteUrl: ({ url = '/' }) => withoutExtension(url),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: MAX_PARAM },
  }).withTypeProvider<ZodTypeProvider>();
  server.setValidatorCompiler(validatorCompiler);
  // Answers are made by us, and need no second look: their schemas are for the document.
  server.setSerializerCompiler(() => (data) => stringifyJson(data));
  readBodies(server);
  noteGivenFields(server);
  answerErrors(server, parts.log);
  logRequests(server, parts.log);
  if (parts.registry) registerMetrics(server, parts.registry);
  traceRequests(server);
  await guard(server, parts.authenticator, options.guard);
  serveVersions(server);
  await server.register(swagger, documentOptions(options.version, options.authStrategy));
  await server.register((scope, _options, done) => {
    addRoutes(scope.withTypeProvider<ZodTypeProvider>(), options, parts);
    done();
  });
  return server;
}

function addRoutes(server: ApiServer, { publicEndpoint, version, maxLimit }: ApiOptions, parts: ApiParts): void {
  const links = new Links(publicEndpoint);
  const { nodes, ports, portgroups } = parts;
  server.addHook('preHandler', async (request) => {
    await acceptExtension(request, {
      node: (ident) => nodes.get(ident, request.access?.narrowed),
      port: (ident) => ports.get(ident, request.access?.narrowed),
      portgroup: (ident) => portgroups.get(ident, request.access?.narrowed),
    });
    assertNodeIdent(request);
  });
  rootRoutes(server, links, version);
  nodeRoutes(server, { ...parts, links, maxLimit });
  portRoutes(server, { ...parts, links, maxLimit });
  portgroupRoutes(server, { ...parts, links, maxLimit });
  vifRoutes(server, parts);
  validationRoute(server, parts);
  absentRoutes(server, parts);
  operationRoutes(server, { ...parts, links, maxLimit });
  eventRoutes(server, parts);
}

/** Before the schema of a body puts defaults in the place of what is missing. */
function noteGivenFields(server: ApiServer): void {
  server.decorateRequest('given', null);
  server.addHook('preValidation', (request, _reply, done) => {
    const fields = Object.entries(request.body ?? {});
    request.given = fields.filter(([, value]) => value !== null).map(([name]) => name);
    done();
  });
}

/** Each request has a version, that of its route or a later one, and its query says nothing that is later. */
function serveVersions(server: ApiServer): void {
  server.decorateRequest('minor', MINIMUM);
  server.addHook('onRequest', (request, reply, done) => {
    const { url = request.url, config } = request.routeOptions;
    if (url.startsWith('/v1')) negotiate(request, reply);
    assertServed(request, config.since ?? MINIMUM);
    done();
  });
  server.addHook('preHandler', (request, _reply, done) => {
    const { querystring } = request.routeOptions.schema ?? {};
    if (querystring instanceof ZodObject) assertQueryAcceptable(querystring, request);
    done();
  });
}
