import swagger from '@fastify/swagger';
import Fastify, { type FastifyRequest } from 'fastify';
import { validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { DataSource } from 'typeorm';
import { ZodObject } from 'zod';

import type { NetworkProviderClient } from '../client/network-provider-client.js';
import type { Nodes } from '../inventory/nodes.js';
import type { Portgroups } from '../inventory/portgroups.js';
import type { Ports } from '../inventory/ports.js';
import { stringifyJson } from '../json.js';
import type { Logger } from '../log/log.js';
import type { Registry } from '../metrics/registry.js';
import type { Authenticator } from './auth/authenticator.js';
import { guard, type GuardOptions, type LogInAttempt } from './auth/guard.js';
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
import { OperationFeed } from './live/operation-feed.js';
import { Actions } from './operators/actions.js';
import type { OperatorTools } from './operators/tools.js';
import { absentRoutes } from './routes/absent-routes.js';
import { actionRoutes } from './routes/action-routes.js';
import { consoleRoutes } from './routes/console-routes.js';
import { deadLetterRoutes } from './routes/dead-letter-routes.js';
import { type EventRoutes, eventRoutes } from './routes/event-routes.js';
import { feedRoute, type StreamLimits } from './routes/feed-route.js';
import { fleetRoutes } from './routes/fleet-routes.js';
import { networkRoutes } from './routes/network-routes.js';
import { neutronRoute } from './routes/neutron-route.js';
import { assertNodeIdent, nodeRoutes } from './routes/node-routes.js';
import { operationRoutes } from './routes/operation-routes.js';
import { portRoutes } from './routes/port-routes.js';
import { portgroupRoutes } from './routes/portgroup-routes.js';
import { rootRoutes } from './routes/root-routes.js';
import { sessionRoutes } from './routes/session-routes.js';
import { validationRoute } from './routes/validation-route.js';
import { type SeesPort, vifRoutes } from './routes/vif-routes.js';
import { whereaboutsRoute } from './routes/whereabouts-route.js';

export interface ApiOptions {
  /** Version of this package. */
  version: string;
  /** For the OpenAPI document. The authenticator itself is in ApiParts. */
  authStrategy: AuthStrategy;
  /** URL of this API in links; null: the URL of the request. */
  publicEndpoint: string | null;
  /** Topic of the requests to workers. */
  topic: string;
  /** Most items in a page of a list. */
  maxLimit: number;
  /** Largest body of a request, in bytes. */
  maxBodyBytes: number;
  /** Addresses and networks of proxies that we trust to tell the client's address. */
  trustedProxies: readonly string[];
  /** Limits on streams of events that differ from the usual ones. */
  streams?: Partial<StreamLimits>;
  /** null: no TLS. */
  tls: TlsFiles | null;
  /** Whether the console is served, and its sessions are accepted. */
  console: boolean;
  guard: GuardOptions;
}

/** What the API works with. The API neither opens nor closes any of it. */
export interface ApiParts {
  /** Receives Neutron's events. */
  events: EventRoutes['events'];
  /** For the metrics of API requests; null: no metrics. */
  registry?: Registry | null;
  dataSource: DataSource;
  nodes: Nodes;
  ports: Ports;
  portgroups: Portgroups;
  /** Calls workers. */
  client: Pick<NetworkProviderClient, 'call'>;
  seesPort: SeesPort | null;
  /** Does what operators ask for. */
  tools: OperatorTools;
  log: Logger;
  authenticator: Authenticator;
}

/** Longest name in a URL, in characters. Percent-encoding can take three characters for one. */
const MAX_PARAM = 3 * 255;

/** Milliseconds within which a whole request must arrive, so that a slow sender cannot hold a connection for ever. */
const REQUEST_WITHIN = 60_000;

/**
 * Creates the REST API. A request passes, in this order: its id, the guard's first check (who the caller is), the
 * version, the schema of its route, the handler with the guard's second check (whether the caller may do this). Every
 * error on the way becomes Ironic's error document.
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
  // We build the answers ourselves, so they are not validated again: their schemas are only for the document.
  server.setSerializerCompiler(() => (data) => stringifyJson(data));
  readBodies(server);
  noteGivenFields(server);
  answerErrors(server, parts.log);
  logRequests(server, parts.log);
  if (parts.registry) registerMetrics(server, parts.registry);
  traceRequests(server);
  const authenticator = options.console ? parts.authenticator : withoutSessions(parts.authenticator);
  const attempt = await guard(server, authenticator, options.guard, options.publicEndpoint);
  serveVersions(server);
  await server.register(swagger, documentOptions(options.version, options.authStrategy));
  await server.register((scope, _options, done) => {
    addRoutes(scope.withTypeProvider<ZodTypeProvider>(), options, parts);
    done();
  });
  if (options.console) await addConsole(server, options, authenticator, attempt);
  return server;
}

/** The console and its sessions are not under /v1: they are for browsers, and change with the console. */
async function addConsole(
  server: ApiServer,
  { authStrategy, guard: { policy }, publicEndpoint }: ApiOptions,
  { sessions }: Authenticator,
  attempt: LogInAttempt,
): Promise<void> {
  await server.register(async (scope) => {
    const isPublicSecure = publicEndpoint?.startsWith('https:') === true;
    const isSecure = ({ protocol }: FastifyRequest): boolean => isPublicSecure || protocol === 'https';
    sessionRoutes(scope.withTypeProvider<ZodTypeProvider>(), { authStrategy, sessions, attempt, policy, isSecure });
    await consoleRoutes(scope.withTypeProvider<ZodTypeProvider>());
  });
}

function withoutSessions(authenticator: Authenticator): Authenticator {
  return {
    authenticate: (headers, beforeTrying) => authenticator.authenticate(headers, beforeTrying),
    close: () => authenticator.close(),
  };
}

function addRoutes(server: ApiServer, options: ApiOptions, parts: ApiParts): void {
  const { publicEndpoint, version, maxLimit } = options;
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
  feedRoute(server, { nodes, feed: new OperationFeed(parts.dataSource, parts.log), limits: options.streams });
  whereaboutsRoute(server, { ...parts, links, maxLimit });
  networkRoutes(server, { ...parts, links, maxLimit });
  eventRoutes(server, parts);
  operatorRoutes(server, options, parts);
}

function operatorRoutes(server: ApiServer, { topic, maxLimit }: ApiOptions, parts: ApiParts): void {
  const { dataSource, log, tools } = parts;
  const actions = new Actions(dataSource, log);
  server.addHook('preClose', () => actions.close());
  fleetRoutes(server, { dataSource, tools, topic, maxLimit });
  neutronRoute(server, parts);
  deadLetterRoutes(server, { letters: tools.letters, actions, maxLimit });
  actionRoutes(server, { dataSource, tools, actions, maxLimit });
}

/** Notes which fields the client sent, before the schema of the body fills in defaults. */
function noteGivenFields(server: ApiServer): void {
  server.decorateRequest('given', null);
  server.addHook('preValidation', (request, _reply, done) => {
    const fields = Object.entries(request.body ?? {});
    request.given = fields.filter(([, value]) => value !== null).map(([name]) => name);
    done();
  });
}

/** Checks that the request's version is at least its route's, and that its query uses nothing from a later version. */
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
