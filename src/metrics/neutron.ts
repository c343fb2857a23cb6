import { Counter, Histogram, type Registry } from 'prom-client';

import type { RequestObserver } from '../neutron/http.js';
import { number } from './registry.js';

/** Upper bounds in seconds. A bound port takes Neutron half a second, and much more under load. */
const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Counts the requests to Neutron, and to Keystone on its behalf. */
export function neutronMetrics(registry: Registry): RequestObserver {
  const requests = new Counter({
    name: 'netprov_neutron_requests_total',
    help: 'Requests to Neutron and Keystone, by how they were answered.',
    labelNames: ['call', 'status'] as const,
    registers: [registry],
  });
  const duration = new Histogram({
    name: 'netprov_neutron_request_duration_seconds',
    help: 'From a request to the end of its answer.',
    labelNames: ['call'] as const,
    buckets: SECONDS,
    registers: [registry],
  });
  return (call, outcome, seconds) => {
    requests.inc({ call, status: String(outcome) });
    duration.observe({ call }, seconds);
  };
}

/** Tells whether Neutron counts as away to its client. */
export function watchNeutron(registry: Registry, { availability }: { availability: { away: string | null } }): void {
  number(
    registry,
    'netprov_neutron_away',
    'Whether Neutron counts as away (it has no answer when it is looked for) and operations are held.',
    () => availability.away !== null,
  );
}
