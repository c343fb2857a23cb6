import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';

import type { DataSource } from 'typeorm';

import { pause } from '../../async/pause.js';
import { stringifyJson } from '../../json.js';
import type { Logger } from '../../log/log.js';
import {
  listWhereabouts,
  loadTenancies,
  type NodeWhereabouts,
  type OperationSummary,
  type Tenancy,
} from '../../state/index.js';
import { type OperationEvent, OperationWatch } from '../../state/operation-watch.js';

export interface FeedTimes {
  /** Milliseconds between two looks into the database. After each, every stream has its turn. */
  interval: number;
  /** After this many turns without a stream, the reader stops. A stream that comes back earlier misses nothing. */
  turnsAlone: number;
}

const TIMES: FeedTimes = { interval: 1000, turnsAlone: 60 };
/** How many events are kept for streams that come back, or that are slower than the events. */
const KEPT = 10_000;
/** After this many turns without an event, a stream gets a sign of life: proxies close connections that are silent. */
const SILENT_TURNS = 15;

/** Nodes whose places are read with one statement. */
const NODES_AT_ONCE = 500;

/** Where a node is after an operation. The event itself has the operation, and who may see it. */
type PlaceAfter = Omit<NodeWhereabouts, 'node_uuid' | 'owner' | 'lessee' | 'latest'>;

/** An event of the feed. */
export interface FeedEvent {
  operation: OperationSummary;
  /** Of the operation's node. Null: the operation is about no node, or the node is not on record. */
  tenancy: Tenancy | null;
  /** The event as it is sent. */
  text: string;
}

/** A place in the feed: a run of the reader, and the number of an event in it. */
interface Place {
  run: string;
  number: number;
}

/**
 * What happens to operations, as server-sent events for any number of streams. One reader looks into the database for
 * all of them, while there are any.
 *
 * A stream holds no events, only its place among those that the feed keeps. Its first event is `reset`: the client must
 * now read /v1/operations, and later events tell what changes. A client that comes back with the id of its last event
 * goes on there. If that is not possible, because it was away for too long, is too slow, or was served by another
 * process before, it gets `reset` again.
 */
export class OperationFeed {
  /** The latest events. */
  readonly #events: FeedEvent[] = [];
  /** Between two runs of the reader, events are missed. */
  #run = randomUUID();
  /** The number of the latest event. */
  #latest = 0;
  #streams = 0;
  #reading = false;
  /** Whether this run of the reader has looked into the database. */
  #looked = false;
  readonly #turns = new EventEmitter().setMaxListeners(0);
  readonly #closing = new AbortController();

  constructor(
    private readonly dataSource: DataSource,
    private readonly log: Logger,
    private readonly times: FeedTimes = TIMES,
  ) {}

  /** Whether the reader looks into the database now and then. */
  get reading(): boolean {
    return this.#reading;
  }

  /** How many streams there are now. */
  get streams(): number {
    return this.#streams;
  }

  /**
   * The text to send to a client. It ends at most a second after the signal is aborted, or when the feed is closed.
   *
   * @param wanted which events the client gets
   * @param lastId the id of the last event that it has got (Last-Event-ID); null: none
   */
  async *stream(
    wanted: (event: FeedEvent) => boolean,
    lastId: string | null,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    this.#streams += 1;
    if (!this.#reading) void this.#read();
    try {
      let place = readPlace(lastId);
      let silent = 0;
      yield 'retry: 1000\n\n';
      for (;;) {
        await once(this.#turns, 'turn');
        if (signal.aborted || this.#closing.signal.aborted) return;
        const text = this.#looked ? this.#after(place, wanted) : '';
        if (this.#looked) place = this.#end;
        silent = text === '' ? silent + 1 : 0;
        if (text !== '') yield text;
        else if (silent % SILENT_TURNS === 0) yield ': nothing new\n\n';
      }
    } finally {
      this.#streams -= 1;
    }
  }

  /** Ends all streams. */
  close(): void {
    this.#closing.abort();
    this.#turns.emit('turn');
  }

  /** The place of the latest event. */
  get #end(): Place {
    return { run: this.#run, number: this.#latest };
  }

  /** The text of the wanted events after a place, or of a reset if not all of them are kept. */
  #after(place: Place | null, wanted: (event: FeedEvent) => boolean): string {
    const count = place?.run === this.#run ? this.#latest - place.number : -1;
    if (count < 0 || count > this.#events.length) return `id: ${idOf(this.#end)}\nevent: reset\ndata: {}\n\n`;
    const events = this.#events.slice(this.#events.length - count);
    return events
      .filter(wanted)
      .map(({ text }) => text)
      .join('');
  }

  /** Reads events until nobody has wanted any for some time. Never rejects. */
  async #read(): Promise<void> {
    const { signal } = this.#closing;
    const watch = new OperationWatch(this.dataSource.manager, {}, { past: false });
    this.#reading = true;
    let away = false;
    const closed = (): boolean => signal.aborted;
    const { interval, turnsAlone } = this.times;
    for (let alone = 0; alone < turnsAlone && !closed(); alone = this.#streams > 0 ? 0 : alone + 1) {
      try {
        await this.#look(watch);
        away = false;
      } catch (error) {
        if (!away && !closed()) this.log.warn('cannot read operations for streams; trying again', { error });
        away = true;
      }
      this.#turns.emit('turn');
      await pause(interval, signal);
    }
    this.#events.length = 0;
    this.#run = randomUUID();
    this.#looked = false;
    this.#reading = false;
  }

  async #look(watch: OperationWatch): Promise<void> {
    const seen = await watch.look();
    const nodes = new Set(seen.flatMap(({ operation }) => operation.node_uuid ?? []));
    const tenancies = await loadTenancies(this.dataSource.manager, [...nodes]);
    const places = await this.#placesAfter(seen);
    for (const event of seen) {
      this.#latest += 1;
      const place = isEnd(event) ? places.get(event.operation.node_uuid ?? '') : undefined;
      const text = `id: ${idOf(this.#end)}\nevent: operation\ndata: ${stringifyJson({ ...event, place })}\n\n`;
      const { operation } = event;
      this.#events.push({ operation, tenancy: tenancies.get(operation.node_uuid ?? '') ?? null, text });
    }
    this.#events.splice(0, this.#events.length - KEPT);
    this.#looked = true;
  }

  /**
   * Where the nodes are whose operations have ended. It is read once for all streams, so that a client that shows where
   * nodes are need not ask for each.
   */
  async #placesAfter(seen: readonly OperationEvent[]): Promise<Map<string, PlaceAfter>> {
    const nodes = [...new Set(seen.filter(isEnd).flatMap(({ operation }) => operation.node_uuid ?? []))];
    const places = new Map<string, PlaceAfter>();
    for (let at = 0; at < nodes.length; at += NODES_AT_ONCE) {
      const some = nodes.slice(at, at + NODES_AT_ONCE);
      const found = await listWhereabouts(
        this.dataSource.manager,
        { nodes: some },
        { marker: null, limit: some.length },
      );
      for (const place of found) places.set(place.node_uuid, placeIn(place));
    }
    return places;
  }
}

function placeIn({ name, network_provider, conductor, provision_state, ...place }: NodeWhereabouts): PlaceAfter {
  const { network_type, network_ids, since, differs, differs_at } = place;
  return {
    ...{ name, network_provider, conductor, provision_state },
    ...{ network_type, network_ids, since, differs, differs_at },
  };
}

function isEnd({ event }: OperationEvent): boolean {
  return event === 'succeeded' || event === 'failed';
}

function idOf({ run, number }: Place): string {
  return `${run}.${number}`;
}

/** Null: there is no id, or it is not one of a feed. */
function readPlace(id: string | null): Place | null {
  const [, run, number] = /^([0-9a-f-]{36})\.(\d{1,15})$/.exec(id ?? '') ?? [];
  return run === undefined ? null : { run, number: Number(number) };
}
