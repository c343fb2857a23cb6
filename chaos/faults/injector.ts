import { setMaxListeners } from 'node:events';

import { pause } from '../../src/async/pause.js';
import type { Place } from '../place/place.js';
import type { PlannedFault, PlannedNode } from '../plan/types.js';
import { Random } from '../random.js';
import type { Fault } from './fault.js';
import { type FaultKind, slotOf } from './kinds.js';
import {
  breakSwitch,
  closeAfterwards,
  conflict,
  cut,
  hang,
  late,
  leaveUnanswered,
  partition,
  refuse,
} from './network.js';
import { killKeystone, killServer, raiseDiskAlarm } from './servers.js';
import { killWorker, moveClock, stopWorker } from './workers.js';

const FAULTS: Record<FaultKind, Fault> = {
  'worker-kill': killWorker,
  'worker-stop': stopWorker,
  'worker-clock': moveClock,
  'rabbitmq-kill': killServer('rabbitmq'),
  'rabbitmq-alarm': raiseDiskAlarm,
  'rabbitmq-cut': cut('rabbitmq'),
  'rabbitmq-partition': partition('rabbitmq'),
  'database-kill': killServer('mariadb'),
  'database-cut': cut('database'),
  'database-partition': partition('database'),
  'neutron-kill': killServer('neutron'),
  'keystone-kill': killKeystone,
  'neutron-hang': hang,
  'neutron-500': refuse(500),
  'neutron-503': refuse(503),
  'neutron-409': conflict,
  'neutron-429': refuse(429),
  'neutron-late': late,
  'neutron-unanswered': leaveUnanswered,
  'neutron-close': closeAfterwards,
  'switch-500': breakSwitch,
};

/** A fault that has happened. */
export interface DoneFault {
  id: number;
  kind: FaultKind;
  worker: number | null;
  /** UUID of the node whose switch was affected. */
  node: string | null;
  /** Times in milliseconds since the epoch. */
  began: number;
  ended: number;
}

/**
 * Makes the faults of a plan happen at their times. Faults of the same slot wait for each other; all others may
 * overlap.
 */
export class Injector {
  readonly done: DoneFault[] = [];
  readonly #slots = new Map<string, Promise<void>>();

  constructor(
    private readonly place: Place,
    private readonly nodes: readonly PlannedNode[],
    private readonly tell: (text: string) => void,
  ) {}

  /**
   * Resolves when every fault has ended and everything works again. If the signal aborts, the faults under way end
   * first.
   *
   * @param begin start of the faults' times, in milliseconds since the epoch
   * @throws when a fault could not begin or end: the run then proves nothing
   */
  async run(faults: readonly PlannedFault[], begin: number, signal: AbortSignal): Promise<void> {
    const stopped = new AbortController();
    const either = AbortSignal.any([signal, stopped.signal]);
    // Every fault listens to this signal at the same time.
    setMaxListeners(0, either);
    const runs = faults.map((fault) =>
      this.#inTurn(fault, begin, either).catch((error: unknown) => {
        stopped.abort();
        throw error;
      }),
    );
    const failed = (await Promise.allSettled(runs)).find((run) => run.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async #inTurn(fault: PlannedFault, begin: number, signal: AbortSignal): Promise<void> {
    const slot = slotOf(fault);
    await pause(begin + fault.at - Date.now(), signal);
    const run = (this.#slots.get(slot) ?? Promise.resolve()).then(() => this.#do(fault, signal));
    this.#slots.set(
      slot,
      run.catch(() => undefined),
    );
    await run;
  }

  async #do({ id, kind, worker, node, lasts, seed }: PlannedFault, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const member = this.place.members[worker ?? 0];
    if (member === undefined) throw new Error(`there is no worker ${worker ?? 0}`);
    const began = Date.now();
    this.tell(
      `fault ${id}: ${kind}${worker === null ? '' : ` of ${member.worker.name}`}${node === null ? '' : ` of node ${node}`}`,
    );
    const about = this.nodes.find(({ uuid }) => uuid === node) ?? null;
    const end = await FAULTS[kind]({ place: this.place, member, node: about, random: new Random(seed) });
    await pause(lasts, signal);
    await end();
    this.done.push({ id, kind, worker, node, began, ended: Date.now() });
  }
}
