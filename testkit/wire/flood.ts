import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

import { PYTHON } from '../servers/python.js';
import type { Rack } from './rack.js';
import { PARKING_VLAN, type Station } from './stations.js';

/** Frames that came in, of one kind, in a quarter of a second. */
export interface Arrival {
  /** Who received them, with which NIC, and with which VLAN tag; 0 is none. */
  at: string;
  nic: string;
  tag: number;
  /** Who sent them, with which NIC. */
  from: string;
  from_nic: string;
  /** The phase of the sender when it sent them, and of the receiver when they came; empty for who does not move. */
  sent_phase: string;
  phase: string;
  /** tagged: the sender gave them the VLAN tag of somebody else. */
  kind: string;
  /** Whether they are answers to the receiver's own pings. */
  reply: boolean;
  n: number;
  /** Milliseconds since 1970: the quarter of a second, the first frame and the last. */
  bin: number;
  first: number;
  last: number;
}

/** How many frames a station sent in a phase. */
interface Sent {
  station: string;
  nic: string;
  phase: string;
  n: number;
}

type Line = { arrived: Arrival } | { sent: Sent } | { dropped: number } | { ready: true };

/** What all stations counted. */
export interface Counted {
  arrivals: Arrival[];
  sent: Sent[];
  /** Frames that came in faster than they could be counted. */
  dropped: number;
}

/** Seconds between two rounds of frames. */
const PERIOD = 0.02;

/** The programs in the namespaces of a rack that flood and count. Stations that move begin in the phase given. */
export class Flood {
  private constructor(private readonly programs: ReadonlyMap<string, Program>) {}

  static async start(rack: Rack, phase: string): Promise<Flood> {
    const programs = new Map<string, Program>();
    for (const station of rack.stations) {
      programs.set(station.name, new Program(rack, station, station.moves ? phase : ''));
    }
    await Promise.all([...programs.values()].map((program) => program.begun));
    return new Flood(programs);
  }

  /** Says in which phase a station is from now on. */
  phase(station: string, phase: string): void {
    this.programs.get(station)?.say(phase);
  }

  /** Ends the flood. */
  async stop(): Promise<Counted> {
    const lines = (await Promise.all([...this.programs.values()].map((program) => program.end()))).flat();
    return {
      arrivals: lines.flatMap((line) => ('arrived' in line ? [line.arrived] : [])),
      sent: lines.flatMap((line) => ('sent' in line ? [line.sent] : [])),
      dropped: lines.reduce((sum, line) => sum + ('dropped' in line ? line.dropped : 0), 0),
    };
  }
}

class Program {
  readonly begun: Promise<void>;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: Line[] = [];
  readonly #closed: Promise<unknown>;

  constructor(rack: Rack, station: Station, phase: string) {
    const command = [PYTHON, 'testkit/wire/flood.py', JSON.stringify(planOf(rack, station, phase))];
    this.#child = spawn(...rack.namespaces.command(station.name, command), { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#closed = once(this.#child, 'close');
    const output = createInterface(this.#child.stdout);
    output.on('line', (line) => this.#lines.push(JSON.parse(line) as Line));
    this.begun = Promise.race([once(output, 'line'), this.#closed.then(() => this.#fail(station))]).then(
      () => undefined,
    );
  }

  say(phase: string): void {
    this.#child.stdin.write(`${phase}\n`);
  }

  async end(): Promise<Line[]> {
    this.#child.stdin.end();
    await this.#closed;
    return this.#lines;
  }

  #fail({ name }: Station): never {
    throw new Error(`the program that floods at ${name} ended with exit code ${this.#child.exitCode ?? 'none'}`);
  }
}

/** Nodes ping every station that does not move, and try the VLAN tags of everybody. */
function planOf(rack: Rack, station: Station, phase: string): object {
  const peers = rack.stations
    .filter(({ moves }) => !moves)
    .flatMap(({ name, interfaces }) =>
      interfaces.map(({ nic, mac, addresses }) => ({ name: `${name}/${nic}`, mac, address: addresses[0] })),
    );
  return {
    station: station.name,
    nics: Object.fromEntries(station.interfaces.map(({ nic, mac }) => [nic, mac])),
    addresses: station.interfaces.flatMap(({ addresses }) => addresses),
    phase,
    period: PERIOD,
    peers: station.moves ? peers : [],
    tags: [...Object.values(rack.vlans), PARKING_VLAN],
  };
}
