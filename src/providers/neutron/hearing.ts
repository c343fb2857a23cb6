import { setTimeout as sleep } from 'node:timers/promises';
import { type NeutronPort, VNIC_BAREMETAL } from '../../neutron/resources.js';
import type { Operation } from './operation.js';

/**
 * Milliseconds for which the others are waited for when only some of the open ports were heard of: those of one node are
 * mostly done together, and Neutron may hold the further events back for seconds (send_events_interval).
 */
const PATIENCE = 250;

/** Ends after so many seconds, or when there is reason to; after `longest` at the latest. @throws as sleepUnder */
export type Pause = (seconds: number, longest: number) => Promise<void>;

/** Pauses that nothing but the signal ends. @throws the signal's reason when it is aborted */
export function sleepUnder(signal: AbortSignal | undefined): (seconds: number) => Promise<void> {
  return async (seconds) => {
    try {
      await sleep(seconds * 1000, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      throw signal?.aborted === true ? signal.reason : error;
    }
  };
}

/** What it has to know of an operation. */
type Heard = Pick<Operation, 'portEvents' | 'options' | 'request' | 'begun'>;

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
    const listening = portEvents?.heardOf(ids, this.#since, PATIENCE, over).then(() => {
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
