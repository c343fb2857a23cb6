/** What stays wrong by what others do, and no worker can see. A run names and counts it, apart from violations. */
export const LIMITS = {
  'unmade plug':
    'the driver reported a plug that the switch did not make: the node reached nobody until it was moved again',
  'unmade quarantine':
    'the driver reported a plug into quarantine that the switch did not make: the node stayed on its old network',
  'empty switch': 'a switch lost its configuration: nobody was told, and ports without a VLAN reached each other',
  'port of others':
    "somebody bound another port at the node's switch port: the node was on that network until a repair",
  'unknown switch port': 'a port_id named no port, and the result said that the move succeeded',
} as const;

export type LimitName = keyof typeof LIMITS;

export const LIMIT_NAMES = Object.keys(LIMITS) as LimitName[];

export interface WireKind {
  /** Description for the report. */
  readonly what: string;
  /** How often the kind is drawn, relative to the others. */
  readonly weight: number;
  /** The limit by which a node may reach nobody after the fault, though its result says that it succeeded. */
  readonly cutsOff: LimitName | null;
}

/** The faults of a run on the wire. */
export const WIRE_KINDS = {
  'switch-away': { what: 'the switch cannot be reached when a move begins', weight: 4, cutsOff: null },
  'switch-cut': { what: 'the switch goes away while it is configured', weight: 4, cutsOff: 'unmade plug' },
  'switch-slow': { what: 'the switch takes seconds for each command', weight: 2, cutsOff: null },
  'switch-refuse': { what: 'the switch refuses a command half-way', weight: 3, cutsOff: 'unmade plug' },
  'switch-empty': { what: 'the switch restarts without its configuration', weight: 2, cutsOff: 'empty switch' },
  'port-unknown': { what: 'a node is moved whose port_id names no port of the switch', weight: 1, cutsOff: null },
  'neutron-kill': { what: 'Neutron is killed while it configures the switch', weight: 3, cutsOff: null },
  'worker-kill': { what: 'the worker is killed during a move', weight: 3, cutsOff: null },
  'stray-port': { what: 'a stray port beside a live tenant, and a repair', weight: 2, cutsOff: null },
} as const satisfies Record<string, WireKind>;

export type WireFaultKind = keyof typeof WIRE_KINDS;

export const WIRE_FAULT_KINDS = Object.keys(WIRE_KINDS) as WireFaultKind[];
