import { setTimeout as sleep } from 'node:timers/promises';

import { TransientError } from '../../../contract/errors.js';
import {
  type NeutronPort,
  VIF_TYPE_BINDING_FAILED,
  VIF_TYPE_UNBOUND,
  VNIC_BAREMETAL,
} from '../../../neutron/resources.js';
import { isTransient, type NeutronOperation } from './operation.js';
import type { BindingOptions } from './options.js';

/** How the pause between two looks grows. */
const BACKOFF = 1.5;
/** Seconds that a look may take at least, however near the deadline is. */
const LEAST_TIMEOUT = 1;

interface WaitedPort {
  port: NeutronPort;
  /** Why the port is not bound; null: it is. */
  failure: string | null;
  /** Whether it is not there any more. */
  gone: boolean;
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
 * Waits until Neutron has bound the ports or given up on them. One list asks for all that are open, after a short pause,
 * as most ports are bound by then, and then when events have told of all of them, or longer pauses are over.
 *
 * @returns every port as last seen, in the order given
 * @throws NeutronError when Neutron could not be asked until the deadline, or now and then: what it had begun may be lost;
 * TransientError when a port was unbound meanwhile; the signal's reason when it is aborted
 */
export async function waitForBindings(
  ports: readonly NeutronPort[],
  operation: NeutronOperation,
): Promise<WaitedPort[]> {
  const { client, request } = operation;
  const options = operation.options.neutron;
  const seen = new Map(ports.map((port) => [port.id, port]));
  const gone = new Set<string>();
  const open = (): NeutronPort[] => [...seen.values()].filter((port) => !gone.has(port.id) && !verdict(port).done);
  const hearing = new Hearing(operation);
  const pause: Pause = (seconds, longest) => hearing.pause(open(), seconds, longest);
  let asked = open();
  let away: unknown = null;
  let unseen = false;
  for await (const timeout of asked.length === 0 ? [] : looks(options, request.signal, pause)) {
    try {
      const found = await client.listPorts({ id: asked.map(({ id }) => id) }, { ...request, timeout });
      for (const port of found) {
        assertStillBound(port, seen.get(port.id));
        seen.set(port.id, port);
      }
      for (const { id } of asked) if (!found.some((port) => port.id === id)) gone.add(id);
      hearing.found(found.filter(({ status }) => status === 'ACTIVE'));
      unseen = false;
    } catch (error) {
      if (!isTransient(error) || error instanceof TransientError) throw error;
      away = error;
      unseen = true;
    }
    asked = open();
    if (asked.length === 0) break;
  }
  if (unseen || (asked.length > 0 && away !== null)) throw away as Error;
  return [...seen.values()].map((port) => ({
    port,
    failure: failure(port, gone.has(port.id), options),
    gone: gone.has(port.id),
  }));
}

/** A request of which we gave up waiting for the answer may come late, and unbind what is being bound. */
function assertStillBound(port: NeutronPort, before: NeutronPort | undefined): void {
  const [host, now] = [before?.['binding:host_id'] ?? '', port['binding:host_id']];
  if (host === '' || host === now) return;
  throw new TransientError(`Neutron port ${port.id} was unbound from host ${host} while it was being bound`);
}

function failure(port: NeutronPort, gone: boolean, options: BindingOptions): string | null {
  if (gone) return `Neutron port ${port.id} was deleted by somebody else while it was being bound`;
  const result = verdict(port);
  if (result.done) return result.failure;
  const state = `status ${port.status}, vif_type ${port['binding:vif_type']}`;
  return `Neutron port ${port.id} did not become ACTIVE within ${options.binding_timeout} s (${state})`;
}

/**
 * The moments to look whether Neutron is done, until the deadline: each comes after a pause, longer than the one
 * before, and says how many seconds the look may take.
 *
 * @param pause what is done between two looks
 * @throws the signal's reason when it is aborted
 */
async function* looks(
  options: BindingOptions,
  signal: AbortSignal | undefined,
  pause: Pause = sleepUnder(signal),
): AsyncGenerator<number> {
  const deadline = performance.now() + options.binding_timeout * 1000;
  const left = (): number => (deadline - performance.now()) / 1000;
  for (
    let seconds = options.poll_interval_min;
    left() > 0;
    seconds = Math.min(seconds * BACKOFF, options.poll_interval_max)
  ) {
    await pause(Math.min(seconds, left()), left());
    yield Math.max(left(), LEAST_TIMEOUT);
  }
}

/**
 * Milliseconds for which the others are waited for when only some of the open ports were heard of: those of one node are
 * mostly done together, and Neutron may hold the further events back for seconds (send_events_interval).
 */
const MAX_WAIT_FOR_EVENT = 250;

/** Ends after so many seconds, or when there is reason to; after `longest` at the latest. @throws as sleepUnder */
type Pause = (seconds: number, longest: number) => Promise<void>;

/** Pauses that nothing but the signal ends. @throws the signal's reason when it is aborted */
function sleepUnder(signal: AbortSignal | undefined): (seconds: number) => Promise<void> {
  return async (seconds) => {
    try {
      await sleep(seconds * 1000, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      throw signal?.aborted === true ? signal.reason : error;
    }
  };
}

/** What it has to know of an operation. */
type Heard = Pick<NeutronOperation, 'portEvents' | 'options' | 'request' | 'begun'>;

/**
 * The pauses of one wait for ports, where Neutron's events come: a pause ends when the open ports were heard of since the
 * last look, and at first since the operation began, for an event may come before the answer to the request that it is
 * about. What counts is the look that follows, never the event.
 */
export class Hearing {
  readonly #operation: Heard;
  /** Events that came earlier have been looked after. */
  #since: number;
  #first = true;
  /** Whether the last pause was a long one, for events were to be expected, and went by without any. */
  #inVain = false;

  constructor(operation: Heard) {
    this.#operation = operation;
    this.#since = operation.begun;
  }

  /**
   * Pauses before a look at the open ports. The first pause is short in any case: most ports are bound by then, and
   * Neutron may hold an event back for a while (send_events_interval). The further ones last for event_poll_interval as
   * long as events are to be expected of all these ports.
   */
  async pause(open: readonly NeutronPort[], seconds: number, longest: number): Promise<void> {
    const { portEvents, options, request } = this.#operation;
    const expecting = !this.#first && open.every((port) => this.#isToBeHeardOf(port));
    this.#first = false;
    const usual = expecting ? Math.max(seconds, options.neutron.event_poll_interval) : seconds;
    const heard = new AbortController();
    const { signal } = request;
    const over = signal === undefined ? heard.signal : AbortSignal.any([heard.signal, signal]);
    const ids = open.map(({ id }) => id);
    const listening = portEvents?.heardOf(ids, this.#since, MAX_WAIT_FOR_EVENT, over).then(() => {
      heard.abort();
    });
    try {
      await sleepUnder(over)(Math.min(usual, longest));
    } catch (error) {
      signal?.throwIfAborted();
      if (!heard.signal.aborted) throw error;
    } finally {
      this.#inVain = expecting && !heard.signal.aborted;
      heard.abort();
      await listening;
    }
    this.#since = performance.now();
  }

  /** What a look found bound. After a long pause in vain, there should have been an event. */
  found(bound: readonly NeutronPort[]): void {
    const { portEvents, begun } = this.#operation;
    if (!this.#inVain) return;
    for (const { id } of bound) if (portEvents?.has(id, begun) === false) portEvents.missed(id);
  }

  /**
   * Neutron tells of bare-metal ports alone. One that it told of already, and that the look did not find bound, is
   * polled: nothing more need come.
   */
  #isToBeHeardOf({ id, 'binding:vnic_type': vnicType }: NeutronPort): boolean {
    const { portEvents, begun } = this.#operation;
    return portEvents?.expected === true && vnicType === VNIC_BAREMETAL && !portEvents.has(id, begun);
  }
}

/**
 * The hosts of these smart NICs that have no live agent. Only an agent on the NIC itself can plug or unplug a port, so
 * it must be up before Neutron is told anything. Waits for it as long as for a binding.
 *
 * Source: Ironic, common/neutron.py, wait_for_host_agent.
 */
export async function hostsWithoutAgent(
  hosts: readonly (string | null)[],
  { client, request, options }: NeutronOperation,
): Promise<Set<string>> {
  const missing = new Set(hosts.filter((host) => host !== null));
  if (missing.size === 0) return missing;
  const look = async (timeout?: number): Promise<void> => {
    const agents = await client.listAgents([...missing], { ...request, timeout });
    for (const { host, alive } of agents) if (alive) missing.delete(host);
  };
  await look();
  for await (const timeout of missing.size === 0 ? [] : looks(options.neutron, request.signal)) {
    await look(timeout);
    if (missing.size === 0) break;
  }
  return missing;
}

export function noAgent(host: string): string {
  return `no Neutron agent is alive on smart NIC host ${host}: see that it runs and that Neutron lists it (openstack network agent list)`;
}
