import { pause } from '../../../async/pause.js';
import { TransientError } from '../../../contract/errors.js';
import {
  type NeutronPort,
  VIF_TYPE_BINDING_FAILED,
  VIF_TYPE_UNBOUND,
  VNIC_BAREMETAL,
} from '../../../neutron/resources.js';
import { isTransient, type NeutronOperation } from './operation.js';
import type { BindingOptions } from './options.js';

/** Factor by which the pause grows from one poll to the next. */
const BACKOFF = 1.5;
/** Minimum timeout of a poll in seconds, however near the deadline is: a busy Neutron takes seconds for a list of ports. */
const LEAST_TIMEOUT = 10;

interface WaitedPort {
  port: NeutronPort;
  /** Why the port is not bound; null if it is bound. */
  failure: string | null;
  /** Whether the port no longer exists. */
  gone: boolean;
}

/** What a port's state says about its binding. */
type Verdict = { done: false } | { done: true; failure: string | null };

/**
 * Judges a binding by the port's state. A 200 proves nothing, because Neutron answers before the mechanism drivers are
 * done. A port is bound when it is ACTIVE. binding_failed is final, because Neutron does not try again by itself.
 */
export function verdict(port: NeutronPort): Verdict {
  const vifType = port['binding:vif_type'];
  if (vifType === VIF_TYPE_BINDING_FAILED) {
    const host = port['binding:host_id'];
    const failure = `Neutron could not bind port ${port.id} to host ${host} (vif_type binding_failed): check that a mechanism driver serves this host, and read Neutron's log`;
    return { done: true, failure };
  }
  if (port.status === 'ERROR') return { done: true, failure: `Neutron port ${port.id} has status ERROR` };
  if (port.status === 'ACTIVE' && vifType !== VIF_TYPE_UNBOUND) return { done: true, failure: null };
  return { done: false };
}

/**
 * Waits until Neutron has bound the ports or given up on them. Each poll lists all open ports in one request. The first
 * poll comes at once, since most drivers are done before Neutron answers. While events are expected, it comes after a
 * short pause: the events may spare it. Later polls come when events have arrived for all open ports, or after longer
 * pauses. A port in `made` needs no poll if Neutron's last event about it says that it is bound.
 *
 * @param made ids of ports that the operation created. An event about another port may be late, and about an earlier
 *   binding
 * @returns every port as it was last seen, in the given order
 * @throws OpenStackError when a poll failed and a port is still open at the deadline: Neutron may then have lost what it
 *   had begun
 * @throws TransientError when a port was unbound meanwhile
 * @throws the signal's reason when it is aborted
 */
export async function waitForBindings(
  ports: readonly NeutronPort[],
  operation: NeutronOperation,
  made: ReadonlySet<string> = new Set(),
): Promise<WaitedPort[]> {
  const { client, request, switchDrivers, portEvents } = operation;
  const options = operation.options.neutron;
  const seen = new Map(ports.map((port) => [port.id, port]));
  const gone = new Set<string>();
  const open = (): NeutronPort[] => [...seen.values()].filter((port) => !gone.has(port.id) && !verdict(port).done);
  const hearing = new Hearing(operation);
  const beforeLook: Pause = (seconds, longest) => hearing.pause(open(), seconds, longest);
  const openAfterEvents = (): NeutronPort[] => {
    for (const port of open()) if (made.has(port.id)) seen.set(port.id, hearing.after(port));
    return open();
  };
  let asked = openAfterEvents();
  let away: unknown = null;
  const pace = { beforeLook, atOnce: portEvents?.expected !== true };
  for await (const timeout of asked.length === 0 ? [] : looks(options, request.signal, pace)) {
    asked = openAfterEvents();
    if (asked.length === 0) break;
    try {
      const found = await client.listPorts({ id: asked.map(({ id }) => id) }, { ...request, timeout });
      switchDrivers.learn(found);
      for (const port of found) {
        assertStillBound(port, seen.get(port.id));
        seen.set(port.id, port);
      }
      for (const { id } of asked) if (!found.some((port) => port.id === id)) gone.add(id);
      hearing.found(found.filter(({ status }) => status === 'ACTIVE'));
    } catch (error) {
      if (!isTransient(error) || error instanceof TransientError) throw error;
      away = error;
    }
    asked = open();
    if (asked.length === 0) break;
  }
  if (asked.length > 0 && away !== null) throw away as Error;
  return [...seen.values()].map((port) => ({
    port,
    failure: failure(port, gone.has(port.id), options),
    gone: gone.has(port.id),
  }));
}

/**
 * @throws TransientError when the port lost its host: an unanswered request may take effect late and unbind the port
 */
function assertStillBound(port: NeutronPort, before: NeutronPort | undefined): void {
  const [host, now] = [before?.['binding:host_id'] ?? '', port['binding:host_id']];
  if (host === '' || host === now) return;
  throw new TransientError(`Neutron port ${port.id} was unbound from host ${host} while it was being bound`);
}

function failure(port: NeutronPort, gone: boolean, options: BindingOptions): string | null {
  if (gone) return `Neutron port ${port.id} was deleted by another client while it was being bound`;
  const result = verdict(port);
  if (result.done) return result.failure;
  const state = `status ${port.status}, vif_type ${port['binding:vif_type']}`;
  return `Neutron port ${port.id} did not become ACTIVE within ${options.binding_timeout} s (${state})`;
}

/**
 * Yields each time that the ports should be polled, until the deadline: the poll's timeout in seconds. The pauses
 * between polls grow up to poll_interval_max.
 *
 * @param pace the pause before a poll, and whether the first poll comes without one
 * @throws the signal's reason when it is aborted
 */
async function* looks(
  options: BindingOptions,
  signal: AbortSignal | undefined,
  { beforeLook, atOnce }: { beforeLook: Pause; atOnce: boolean } = { beforeLook: pauseUnder(signal), atOnce: false },
): AsyncGenerator<number> {
  const deadline = performance.now() + options.binding_timeout * 1000;
  const left = (): number => (deadline - performance.now()) / 1000;
  if (atOnce) yield Math.max(left(), LEAST_TIMEOUT);
  for (
    let seconds = options.poll_interval_min;
    left() > 0;
    seconds = Math.min(seconds * BACKOFF, options.poll_interval_max)
  ) {
    await beforeLook(Math.min(seconds, left()), left());
    yield Math.max(left(), LEAST_TIMEOUT);
  }
}

/**
 * How long to wait for the other events, in milliseconds, after an event has arrived for one of the open ports. The
 * ports of one node are mostly done together, but Neutron may hold the later events back for seconds
 * (send_events_interval).
 */
const MAX_WAIT_FOR_EVENT = 250;

/** Pauses for some seconds or until a poll is worthwhile, but at most `longest` seconds. @throws as pauseUnder */
type Pause = (seconds: number, longest: number) => Promise<void>;

/** Pauses that only the signal can end early. @throws the signal's reason when it is aborted */
function pauseUnder(signal: AbortSignal | undefined): (seconds: number) => Promise<void> {
  return async (seconds) => {
    await pause(seconds * 1000, signal);
    signal?.throwIfAborted();
  };
}

/** The parts of an operation that Hearing uses. */
type Heard = Pick<NeutronOperation, 'portEvents' | 'options' | 'request' | 'begun'>;

/**
 * The pauses of one wait for ports, which Neutron's events end early. A pause ends when events have arrived for the
 * open ports since the last poll. For the first pause, all events since the operation began count, because an event may
 * arrive before the answer to the request that caused it.
 */
export class Hearing {
  readonly #operation: Heard;
  /** Events before this time no longer count: a poll has followed them. */
  #since: number;
  #first = true;
  /** Whether the last pause was long because events were expected, and none came. */
  #inVain = false;

  constructor(operation: Heard) {
    this.#operation = operation;
    this.#since = operation.begun;
  }

  /**
   * Pauses before a poll of the open ports. The first pause is always short: Neutron may hold an event back for a while
   * (send_events_interval). Later pauses last for event_poll_interval while events are expected for all open ports.
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
      await pauseUnder(over)(Math.min(usual, longest));
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

  /** The port as Neutron's last event leaves it: ACTIVE if the event says so of the same host, else as it is. */
  after(port: NeutronPort): NeutronPort {
    const { portEvents, begun } = this.#operation;
    const last = portEvents?.last(port.id, begun);
    const bound = last?.event === 'network.bind_port' && last['binding:host_id'] === port['binding:host_id'];
    return bound && last.status === 'ACTIVE' ? { ...port, status: last.status } : port;
  }

  /** Takes the ports that a poll found ACTIVE. After a long pause without events, their events count as missed. */
  found(bound: readonly NeutronPort[]): void {
    const { portEvents, begun } = this.#operation;
    if (!this.#inVain) return;
    for (const { id } of bound) if (portEvents?.has(id, begun) === false) portEvents.missed(id);
  }

  /**
   * Whether an event is still expected for the port. Neutron sends events only for bare-metal ports. If an event came
   * already and the poll did not find the port bound, another event is not certain, so the port is polled.
   */
  #isToBeHeardOf({ id, 'binding:vnic_type': vnicType }: NeutronPort): boolean {
    const { portEvents, begun } = this.#operation;
    return portEvents?.expected === true && vnicType === VNIC_BAREMETAL && !portEvents.has(id, begun);
  }
}

/**
 * The hosts of these smart NICs that have no live agent. Only an agent on the NIC itself can plug or unplug a port, so
 * it must be up before Neutron gets a change. Waits for the agents as long as for a binding.
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
  return `no Neutron agent is alive on smart NIC host ${host}: check that the agent runs and that Neutron lists it (openstack network agent list)`;
}
