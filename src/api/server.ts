import swagger from '@fastify/swagger';
import Fastify, { type FastifyRequest } from 'fastify';
import { validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { DataSource } from 'typeorm';

import type { NetworkProviderClient } from '../client.js';
import type { Nodes } from '../inventory/nodes.js';
import type { Portgroups } from '../inventory/portgroups.js';
import type { Ports } from '../inventory/ports.js';
import type { Logger } from '../log.js';
import type { Registry } from '../metrics/registry.js';
import type { Authenticator } from './auth/authenticator.js';
import { guard, type GuardOptions } from './auth/guard.js';
import { describeRoute, documentHead } from './document.js';
import { ApiError, errorBody, faultOf } from './errors.js';
import { eventRoutes, type EventRoutes } from './events.js';
import { Links } from './links.js';
import { registerMetrics } from './metrics.js';
import { MINIMUM, negotiate } from './microversion.js';
import { requestIdOf } from './request-id.js';
import { assertNodeIdent, nodeRoutes } from './nodes.js';
import { operationRoutes } from './operations.js';
import { portgroupRoutes } from './portgroups.js';
import { portRoutes } from './ports.js';
import { rootRoutes } from './root.js';
import { serverOptions, type TlsFiles } from './tls.js';
import type { ApiServer } from './types.js';
import { vifRoutes } from './vifs.js';

export interface ApiOptions {
  /** Version of this package. */
  version: string;
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
  log: Logger;
  authenticator: Authenticator;
}

/** Longest name in a URL, in characters: each may be written with three. */
const MAX_PARAM = 3 * 255;

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
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: MAX_PARAM },
  }).withTypeProvider<ZodTypeProvider>();
  server.setValidatorCompiler(validatorCompiler);
  // Answers are made by us, and need no second look: their schemas are for the document.
  server.setSerializerCompiler(() => (data) => JSON.stringify(data));
  server.decorateRequest('minor', MINIMUM);
  readBodies(server);
  noteGivenFields(server);
  answerErrors(server, parts.log);
  logRequests(server, parts.log);
  if (parts.registry) registerMetrics(server, parts.registry);
  await guard(server, parts.authenticator, options.guard);
  server.addHook('onRequest', (request, reply, done) => {
    if (request.url.startsWith('/v1')) negotiate(request, reply);
    done();
  });
  await server.register(swagger, { openapi: documentHead(options.version), transform: describeRoute });
  await server.register((scope, _options, done) => {
    addRoutes(scope.withTypeProvider<ZodTypeProvider>(), options, parts);
    done();
  });
  return server;
}

function addRoutes(server: ApiServer, { publicEndpoint, version, maxLimit }: ApiOptions, parts: ApiParts): void {
  const links = new Links(publicEndpoint);
  server.addHook('preHandler', (request, _reply, done) => {
    assertNodeIdent(request);
    done();
  });
  rootRoutes(server, links, version);
  nodeRoutes(server, { ...parts, links, maxLimit });
  portRoutes(server, { ...parts, links, maxLimit });
  portgroupRoutes(server, { ...parts, links, maxLimit });
  vifRoutes(server, parts);
  operationRoutes(server, { ...parts, links, maxLimit });
  eventRoutes(server, parts);
}

/** Clients name a type of no body at all, too: ironicclient's DELETE has bytes. A body that is a patch may be named as one. */
function readBodies(server: ApiServer): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeContentTypeParser('application/json');
  server.addContentTypeParser(
    ['application/json', 'application/json-patch+json'],
    { parseAs: 'string' },
    (request, body, done) => {
      if (body === '') done(null, undefined);
      else void parse(request, body as string, done);
    },
  );
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    if (body === '') done(null, undefined);
    else done(new ApiError(415, 'Unsupported Media Type: the body has to be application/json.'));
  });
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

function answerErrors(server: ApiServer, log: Logger): void {
  server.setErrorHandler((error, request, reply) => {
    const fault = faultOf(error);
    if (fault.status >= 500) log.error('a request failed', { ...fieldsOf(request), status: fault.status, error });
    return reply.code(fault.status).headers(fault.headers).send(errorBody(fault));
  });
  server.setNotFoundHandler((request) => {
    throw new ApiError(404, `The resource could not be found: ${request.method} ${request.url.split('?', 1)[0] ?? ''}`);
  });
}

function logRequests(server: ApiServer, log: Logger): void {
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('Openstack-Request-Id', request.id);
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    const milliseconds = Math.round(reply.elapsedTime);
    log.info('request', { ...fieldsOf(request), status: reply.statusCode, duration_ms: milliseconds });
    done();
  });
}

/** What a line of the log says of a request: not its query, which may hold anything. */
function fieldsOf(request: FastifyRequest): Record<string, unknown> {
  const { id, method, url, ip, identity } = request;
  return { request_id: id, method, path: url.split('?', 1)[0], client: ip, user_id: identity?.userId };
}
