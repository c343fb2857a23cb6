import { DataSource } from 'typeorm';

import type { GuardOptions } from '../../src/api/auth/guard.js';
import type { PolicyOptions } from '../../src/api/policy.js';
import type { ApiOptions, ApiParts } from '../../src/api/server.js';
import { Nodes } from '../../src/inventory/nodes.js';
import { Portgroups } from '../../src/inventory/portgroups.js';
import { Ports } from '../../src/inventory/ports.js';

/** The policy that config/default.yaml has. */
export const POLICY: PolicyOptions = {
  rbac_service_project_name: 'service',
  rbac_service_role_elevated_access: false,
  enforce_scope: true,
  enforce_new_defaults: true,
  project_admin_can_manage_own_nodes: true,
};

/** The defaults of config/default.yaml, for a test to change some. */
export function apiOptions({
  guard,
  ...others
}: Partial<Omit<ApiOptions, 'guard'>> & { guard?: Partial<GuardOptions> } = {}): ApiOptions {
  return {
    version: 'test',
    authStrategy: 'keystone',
    publicEndpoint: null,
    maxLimit: 1000,
    maxBodyBytes: 1024 * 1024,
    trustedProxies: [],
    tls: null,
    guard: { policy: POLICY, rateLimit: null, maxAuthFailures: 100, ...guard },
    ...others,
  };
}

/** A database that is not there, and a client without RabbitMQ: for tests that do not come as far as a handler. */
export function noResources(): Omit<ApiParts, 'log' | 'authenticator'> {
  const nowhere = new DataSource({ type: 'mysql' });
  const unreachable = (): Promise<never> => Promise.reject(new Error('this test has no RabbitMQ'));
  return {
    dataSource: nowhere,
    nodes: new Nodes(nowhere, () => []),
    ports: new Ports(nowhere, unreachable),
    portgroups: new Portgroups(nowhere),
    client: { call: unreachable },
    seesPort: null,
    events: { publish: unreachable },
  };
}
