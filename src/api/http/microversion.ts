import type { FastifyReply, FastifyRequest } from 'fastify';

import { ApiError } from './errors.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The minor version of the API that the client requested: 20 for 1.20. */
    minor: number;
  }
}

/**
 * The versions of Ironic's API that this API serves, each with its own meaning. Without a header the oldest is served,
 * as in Ironic.
 */
export const MINIMUM = 1;
export const MAXIMUM = 111;

/**
 * The minor version of Ironic's API in which each feature appeared.
 *
 * Source: Ironic, api/controllers/v1/versions.py.
 */
export const SINCE = {
  nodeNames: 5,
  fields: 8,
  provisionStateFilter: 9,
  unrestrictedNames: 10,
  raid: 12,
  driverFilter: 16,
  internalInfo: 18,
  advancedNetFields: 19,
  networkInterface: 20,
  resourceClass: 21,
  portgroups: 23,
  portgroupSubcontrollers: 24,
  portgroupModeProperties: 26,
  vifs: 28,
  injectNmi: 29,
  dynamicInterfaces: 31,
  volume: 32,
  physicalNetwork: 34,
  traits: 37,
  bios: 40,
  fault: 42,
  detailQuery: 43,
  conductorGroup: 46,
  conductor: 49,
  owner: 50,
  description: 51,
  allocations: 52,
  smartNic: 53,
  events: 54,
  deployTemplates: 55,
  retired: 61,
  indicators: 63,
  localLinkNetworkType: 64,
  lessee: 65,
  networkData: 66,
  vifAttachPort: 67,
  bootMode: 76,
  history: 78,
  inventory: 81,
  shard: 82,
  parentNode: 83,
  firmware: 86,
  portName: 88,
  virtualMedia: 89,
  ovnVtep: 90,
  literalJsonNames: 91,
  runbooks: 92,
  portNodeIdent: 94,
  inspectionRules: 96,
  portDescription: 97,
  conductorGroupsOfPorts: 99,
  portVendor: 100,
  portCategory: 101,
  portgroupPhysicalNetwork: 102,
  portgroupCategory: 103,
  instanceName: 104,
  withoutOvnVtep: 105,
  portgroupShard: 106,
  dynamicPortgroup: 111,
} as const;

const IRONIC = 'x-openstack-ironic-api-version';
/** The header of OpenStack's API working group: "Microversion Specification". */
const OPENSTACK = 'openstack-api-version';
const SERVICE = 'baremetal';

/**
 * Reads the requested version, and states in the answer which version is served.
 *
 * @throws ApiError 406 when there is no such version
 */
export function negotiate(request: FastifyRequest, reply: FastifyReply): void {
  reply.header('X-OpenStack-Ironic-API-Minimum-Version', `1.${MINIMUM}`);
  reply.header('X-OpenStack-Ironic-API-Maximum-Version', `1.${MAXIMUM}`);
  reply.header('Vary', 'OpenStack-API-Version, X-OpenStack-Ironic-API-Version');
  request.minor = readVersion(wantedVersion(request));
  const served = `1.${request.minor}`;
  reply.header('X-OpenStack-Ironic-API-Version', served);
  reply.header('OpenStack-API-Version', `${SERVICE} ${served}`);
}

/** The requested version. `baremetal 1.20` in the list of OpenStack-API-Version wins over Ironic's own header. */
function wantedVersion({ headers }: FastifyRequest): string {
  const listed = String(headers[OPENSTACK] ?? '')
    .split(',')
    .map((item) => item.trim().split(/\s+/))
    .find(([service]) => service?.toLowerCase() === SERVICE);
  return listed?.[1] ?? String(headers[IRONIC] ?? `1.${MINIMUM}`);
}

function readVersion(text: string): number {
  if (text.toLowerCase() === 'latest') return MAXIMUM;
  const [, major, minor] = /^(\d{1,4})\.(\d{1,4})$/.exec(text) ?? [];
  if (major === undefined || minor === undefined) {
    throw new ApiError(406, `Invalid value for X-OpenStack-Ironic-API-Version header: ${text.slice(0, 60)}`);
  }
  const number = Number(minor);
  if (Number(major) === 1 && number >= MINIMUM && number <= MAXIMUM) return number;
  throw new ApiError(
    406,
    `Version ${major}.${minor} was requested but is not supported by this service. ` +
      `The supported version range is: [1.${MINIMUM}, 1.${MAXIMUM}].`,
  );
}

/**
 * Hides a URL from versions that do not have it yet.
 *
 * @throws ApiError 404
 */
export function assertServed(request: FastifyRequest, since: number): void {
  if (request.minor < since) throw new ApiError(404, `Not Found: it needs API version 1.${since} or later.`);
}

/**
 * Refuses what the requested version does not accept yet, or no longer accepts.
 *
 * @throws ApiError 406 naming it
 */
export function assertAcceptable(request: FastifyRequest, what: string, since: number, until = Infinity): void {
  if (request.minor >= since && request.minor < until) return;
  const versions = until === Infinity ? `1.${since} or later` : `1.${since} to 1.${until - 1}`;
  throw new ApiError(406, `Request not acceptable: ${what} needs API version ${versions}.`);
}
