import { until } from '../fixtures/poll.js';
import { Netprov } from './netprov.js';

/** `netprov api` as a separate process, without authentication, on a free port of 127.0.0.1. */
export interface ApiProcess {
  /** Its URL. */
  endpoint: string;
  stop(): Promise<unknown>;
}

/** @param env addresses of the servers that it uses */
export async function startApi(env: Record<string, string>): Promise<ApiProcess> {
  const api = new Netprov(['api'], {
    NETPROV_AUTH_STRATEGY: 'noauth',
    NETPROV_API_PORT: '0',
    NETPROV_API_HEALTH_PORT: 'null',
    ...env,
  });
  await api.says('the API answers');
  const endpoint = await until('the address of the API', () => /http:\/\/127\.0\.0\.1:\d+/.exec(api.stderr)?.[0]);
  return { endpoint, stop: () => api.stop() };
}
