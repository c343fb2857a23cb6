import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestOptions } from '../../neutron/client.js';
import type { NeutronClient } from '../../neutron/client.js';
import { type NeutronPort, VIF_TYPE_BINDING_FAILED, VIF_TYPE_UNBOUND } from '../../neutron/resources.js';
import { isTransient } from './operation.js';
import type { BindingOptions } from './options.js';

/** How the pause between two looks grows. */
const BACKOFF = 1.5;
/** Seconds that a look may take at least, however near the deadline is. */
const LEAST_TIMEOUT = 1;

export interface WaitedPort {
  port: NeutronPort;
  /** Why the port is not bound; null: it is. */
  failure: string | null;
}

/** What a port's state says about its binding. */
type Verdict = { done: false } | { done: true; failure: string | null };

/**
 * A 200 is no proof: Neutron answers before the mechanism drivers are done. A binding counts when the port is ACTIVE;
 * binding_failed is final, for Neutron does not try again by itself.
 */
export function verdict(port: NeutronPort): Verdict {
  const vifType = port['binding:vif_type'];
  if (vifType === VIF_TYPE_BINDING_FAILED) {
    const host = port['binding:host_id'];
    const failure = `Neutron could not bind port ${port.id} to host ${host} (vif_type binding_failed): see that a mechanism driver serves this host, and Neutron's log`;
    return { done: true, failure };
  }
  if (port.status === 'ERROR') return { done: true, failure: `Neutron port ${port.id} has status ERROR` };
  if (port.status === 'ACTIVE' && vifType !== VIF_TYPE_UNBOUND) return { done: true, failure: null };
  return { done: false };
}

/**
 * Waits until Neutron has bound the ports or given up on them. One list asks for all that are open; the pauses begin
 * short, as most ports are bound within a second, and grow.
 *
 * @returns every port as last seen, in the order given
 * @throws NeutronError when Neutron could not be asked until the deadline; the signal's reason when it is aborted
 */
export async function waitForBindings(
  ports: readonly NeutronPort[],
  client: NeutronClient,
  options: BindingOptions,
  request: RequestOptions,
): Promise<WaitedPort[]> {
  const deadline = performance.now() + options.binding_timeout * 1000;
  const seen = new Map(ports.map((port) => [port.id, port]));
  const gone = new Set<string>();
  let pause = options.poll_interval_min;
  for (;;) {
    const open = [...seen.values()].filter((port) => !gone.has(port.id) && !verdict(port).done).map((port) => port.id);
    const left = (deadline - performance.now()) / 1000;
    if (open.length === 0 || left <= 0) break;
    await pauseFor(Math.min(pause, left), request.signal);
    pause = Math.min(pause * BACKOFF, options.poll_interval_max);
    const timeout = Math.max(left, LEAST_TIMEOUT);
    let found: NeutronPort[];
    try {
      found = await client.listPorts({ id: open }, { ...request, timeout });
    } catch (error) {
      if (!isTransient(error) || performance.now() >= deadline) throw error;
      continue;
    }
    for (const port of found) seen.set(port.id, port);
    for (const id of open) if (!found.some((port) => port.id === id)) gone.add(id);
  }
  return [...seen.values()].map((port) => ({ port, failure: failure(port, gone.has(port.id), options) }));
}

function failure(port: NeutronPort, gone: boolean, options: BindingOptions): string | null {
  if (gone) return `Neutron port ${port.id} was deleted by somebody else while it was being bound`;
  const result = verdict(port);
  if (result.done) return result.failure;
  const state = `status ${port.status}, vif_type ${port['binding:vif_type']}`;
  return `Neutron port ${port.id} did not become ACTIVE within ${options.binding_timeout} s (${state})`;
}

async function pauseFor(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(seconds * 1000, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    throw signal?.aborted === true ? signal.reason : error;
  }
}
