import { createHash } from 'node:crypto';

import { errorText } from '../../async/error-text.js';
import { Loop } from '../../async/loop.js';
import type { Logger } from '../../log/log.js';
import type { OwnershipStore, Peer, WorkerRecord } from '../../state/index.js';

/** Milliseconds between two looks at the other workers. */
const INTERVAL = 1000;
/** Milliseconds after which a silent worker loses its share. */
const SILENT = 5000;
/** Milliseconds after which a silent worker is removed from the database. */
const FORGOTTEN = 60_000;

/**
 * Decides which worker should have which queue. Each worker gets the same number of conductor hosts, as far as workers
 * serve the same hosts. The queues that belong to no host come last. Workers that see the same workers come to the same
 * answer.
 */
export function share(workers: readonly Pick<WorkerRecord, 'id' | 'queues'>[], topic: string): Map<string, string> {
  const all = [...new Set(workers.flatMap((worker) => Object.keys(worker.queues)))].sort();
  const isHosts = (queue: string): boolean => queue.startsWith(`${topic}.`);
  const queues = [...all.filter(isHosts), ...all.filter((queue) => !isHosts(queue))];
  const loads = new Map(workers.map(({ id }) => [id, 0]));
  const shares = new Map<string, string>();
  for (const queue of queues) {
    const [first] = workers
      .filter((worker) => queue in worker.queues)
      .map(({ id }) => ({ id, load: loads.get(id) ?? 0, weight: weight(queue, id) }))
      .sort((a, b) => a.load - b.load || (a.weight < b.weight ? -1 : 1));
    if (!first) continue;
    shares.set(queue, first.id);
    loads.set(first.id, first.load + 1);
  }
  return shares;
}

/** A pseudo-random weight that is the same on every worker: so few queues move when a worker comes or goes. */
function weight(queue: string, worker: string): string {
  return createHash('sha256').update(`${queue}\n${worker}`).digest('hex');
}

/** The last sign of life of a worker. */
interface Heard {
  beat: number;
  /** Time of performance.now() when the beat was first seen. */
  at: number;
  /** Whether this worker has seen the beat go up. */
  lives: boolean;
}

export interface SpreadOptions {
  store: OwnershipStore;
  topic: string;
  log: Logger;
  /** Returns this worker's record, with the queues that it consumes at the moment. */
  self: () => WorkerRecord;
  /** Gives a queue to the worker that stands by for it. Resolves when that is done. */
  handOver: (queue: string) => Promise<void>;
}

/**
 * Spreads the queues over the workers that consume them. RabbitMQ gives a queue to the consumer that came first, so the
 * first worker would have all queues. A worker therefore steps back from a queue that is the share of another worker.
 */
export class Spread {
  readonly #options: SpreadOptions;
  readonly #looking: Loop;
  readonly #heard = new Map<string, Heard>();
  /** For which worker this one last stepped back, by queue. Once is enough until the other consumes the queue anew. */
  readonly #stepped = new Map<string, string>();
  readonly #busy = new Set<string>();
  #shares: ReadonlyMap<string, string> = new Map();
  #first: string | undefined;

  constructor(options: SpreadOptions) {
    this.#options = options;
    this.#looking = new Loop(() => this.#look(), {
      interval: INTERVAL,
      onError: (error) => {
        options.log.warn('could not read the other workers in the database; will try again', {
          error: errorText(error),
        });
      },
    });
  }

  /** The queues that are this worker's share, as of the last look at the other workers. */
  mine(): string[] {
    const { id } = this.#options.self();
    return [...this.#shares].filter(([, owner]) => owner === id).map(([queue]) => queue);
  }

  /** Whether this worker does the tasks that one worker does for all. */
  get first(): boolean {
    return this.#first === this.#options.self().id;
  }

  start(): void {
    this.#looking.start();
  }

  /** Removes this worker from the database, so that the others take over its share. */
  async stop(): Promise<void> {
    await this.#looking.stop();
    const { store, self, log } = this.#options;
    await store.forget(self().id).catch((error: unknown) => {
      log.warn('could not remove the record of this worker; the other workers remove it later', {
        error: errorText(error),
      });
    });
  }

  async #look(): Promise<void> {
    const { store, self } = this.#options;
    const me = self();
    const living = await this.#living(await store.beat(me));
    const shares = (this.#shares = share(living, this.#options.topic));
    this.#first = living.map(({ id }) => id).sort()[0];
    for (const queue of Object.keys(me.queues)) {
      const owner = living.find(({ id }) => id === shares.get(queue));
      if (owner === undefined || owner.id === me.id) continue;
      const place = `${owner.id} ${owner.queues[queue] ?? 0}`;
      if (this.#stepped.get(queue) === place || this.#busy.has(queue)) continue;
      this.#stepped.set(queue, place);
      void this.#stepBack(queue, owner);
    }
  }

  async #stepBack(queue: string, owner: Peer): Promise<void> {
    const { handOver, log } = this.#options;
    this.#busy.add(queue);
    log.info('the queue belongs to the share of another worker; handing it over', { queue, worker: owner.name });
    await handOver(queue).catch((error: unknown) => {
      log.warn('could not hand over the queue', { queue, error: errorText(error) });
    });
    this.#busy.delete(queue);
  }

  /** The workers with a recent sign of life. This worker measures with its own clock: no clocks are compared. */
  async #living(peers: readonly Peer[]): Promise<Peer[]> {
    const now = performance.now();
    for (const id of this.#heard.keys()) if (!peers.some((peer) => peer.id === id)) this.#heard.delete(id);
    for (const { id, beat } of peers) {
      const known = this.#heard.get(id);
      // A worker that was seen only once may have died before this worker began to look.
      if (known?.beat !== beat) this.#heard.set(id, { beat, at: now, lives: known !== undefined });
    }
    const silence = ({ id }: Peer): number => now - (this.#heard.get(id)?.at ?? now);
    for (const peer of peers.filter((other) => silence(other) > FORGOTTEN)) {
      await this.#options.store.forget(peer.id, peer.beat);
      this.#heard.delete(peer.id);
    }
    const me = this.#options.self().id;
    return peers.filter((peer) => peer.id === me || (silence(peer) <= SILENT && this.#heard.get(peer.id)?.lives));
  }
}
