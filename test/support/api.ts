import type { GuardOptions } from '../../src/api/auth/guard.js';
import { NoAuthentication } from '../../src/api/auth/noauth.js';
import type { ApiOptions, ApiParts } from '../../src/api/server.js';
import { silentLogger } from '../../src/log.js';

/** The defaults of config/default.yaml, for a test to change some. */
export function apiOptions({
  guard,
  ...others
}: Partial<Omit<ApiOptions, 'guard'>> & { guard?: Partial<GuardOptions> } = {}): ApiOptions {
  const policy = { rbac_service_project_name: 'service', rbac_service_role_elevated_access: false };
  return {
    version: 'test',
    publicEndpoint: null,
    maxLimit: 1000,
    maxBodyBytes: 1024 * 1024,
    trustedProxies: [],
    tls: null,
    guard: { policy, rateLimit: null, maxAuthFailures: 100, ...guard },
    ...others,
  };
}

/** What everybody may use for everything, without a word. */
export function openParts(): Pick<ApiParts, 'log' | 'authenticator'> {
  return { log: silentLogger(), authenticator: new NoAuthentication() };
}
