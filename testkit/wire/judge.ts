import type { Arrival } from './flood.js';
import type { Station } from './stations.js';

/** Where a NIC may be: names of networks, or PARKED. During a move, these are the place before and the place after. */
export type Places = readonly string[];

/** The place of a switch port that is on no network. */
export const PARKED = 'parked';

/** The places of a station's NICs in a phase; a NIC that is not named is parked. */
export type Phase = Readonly<Record<string, Places>>;

/** The phases of each station that moves, by name. */
export type Phases = Readonly<Record<string, Readonly<Record<string, Phase>>>>;

/** right: both were on one network. parked: both were unplugged, and share the parking VLAN. astray: all others. */
export type Verdict = 'right' | 'parked' | 'astray';

/**
 * Judges frames that came in: they are right if the sender, when it sent them, and the receiver, when it received them, may
 * have been on one network. A frame with a VLAN tag never is: node ports are access ports.
 */
export class Judge {
  constructor(
    private readonly stations: readonly Station[],
    private readonly phases: Phases,
  ) {}

  verdict(arrival: Arrival): Verdict {
    if (arrival.tag !== 0 || arrival.kind === 'tagged') return 'astray';
    // An answer to a ping has the stamp of the ping: it came from where the ping went.
    if (arrival.reply) return this.#common(arrival, this.#pinged(arrival));
    return this.#common(arrival, this.#places(arrival.from, arrival.from_nic, arrival.sent_phase));
  }

  /** The network on which a NIC always is; null if it moves. */
  networkOf(name: string, nic: string): string | null {
    const station = this.stations.find((candidate) => candidate.name === name);
    return station?.interfaces.find((candidate) => candidate.nic === nic)?.network ?? null;
  }

  /** The network of the end that does not move; null if both move. */
  networkReached({ from, from_nic, at, nic, kind, reply }: Arrival): string | null {
    if (reply) return this.networkOf(...pingedBy(kind));
    return this.networkOf(from, from_nic) ?? this.networkOf(at, nic);
  }

  #common({ at, nic, phase }: Arrival, there: Places): Verdict {
    const here = this.#places(at, nic, phase);
    const common = there.filter((place) => here.includes(place));
    if (common.length === 0) return 'astray';
    return common.every((place) => place === PARKED) ? 'parked' : 'right';
  }

  #pinged({ kind }: Arrival): Places {
    return this.#places(...pingedBy(kind), '');
  }

  #places(name: string, nic: string, phase: string): Places {
    const network = this.networkOf(name, nic);
    if (network !== null) return [network];
    return this.phases[name]?.[phase]?.[nic] ?? [PARKED];
  }
}

/** The station and the NIC that a ping went to, by its kind. */
function pingedBy(kind: string): [string, string] {
  const [name = '', nic = ''] = kind.replace('ping>', '').split('/');
  return [name, nic];
}
