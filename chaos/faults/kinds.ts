/**
 * A part of the run that only one fault at a time may affect. "worker", "network" and "neutron" exist for each worker.
 */
type Slot = 'rabbitmq' | 'database' | 'neutron server' | 'keystone' | 'worker' | 'network' | 'neutron' | 'switch';

export interface Kind {
  /** Description for the report. */
  readonly what: string;
  readonly slot: Slot;
  /** Minimum and maximum duration in milliseconds, without the time that the affected part needs to recover. */
  readonly lasts: readonly [number, number];
  /** How often the kind is drawn, relative to the others. Servers recover slowly, so they are killed less often. */
  readonly weight: number;
}

/**
 * The faults of a run. A stop or a partition lasts longer than the lease, and may outlast RabbitMQ's heartbeat
 * (chaos/place/place.ts), so that other workers take over meanwhile.
 */
export const KINDS = {
  'worker-kill': { what: 'a worker is killed (SIGKILL)', slot: 'worker', lasts: [300, 3000], weight: 4 },
  'worker-stop': { what: 'a worker is stopped and continues', slot: 'worker', lasts: [3000, 14_000], weight: 3 },
  'worker-clock': { what: "a worker's clock is off by an hour", slot: 'worker', lasts: [4000, 12_000], weight: 2 },
  'rabbitmq-kill': { what: 'RabbitMQ is killed and restarted', slot: 'rabbitmq', lasts: [0, 2000], weight: 1 },
  'rabbitmq-alarm': { what: "RabbitMQ's disk alarm", slot: 'rabbitmq', lasts: [3000, 8000], weight: 1 },
  'rabbitmq-cut': { what: 'connections to RabbitMQ are cut', slot: 'network', lasts: [0, 0], weight: 4 },
  'rabbitmq-partition': {
    what: 'nothing passes between a worker and RabbitMQ',
    slot: 'network',
    lasts: [2000, 14_000],
    weight: 3,
  },
  'database-kill': { what: 'the database is killed and restarted', slot: 'database', lasts: [0, 2000], weight: 1 },
  'database-cut': { what: 'connections to the database are cut', slot: 'network', lasts: [0, 0], weight: 3 },
  'database-partition': {
    what: 'nothing passes between a worker and the database',
    slot: 'network',
    lasts: [2000, 8000],
    weight: 2,
  },
  'neutron-kill': { what: 'Neutron is killed and restarted', slot: 'neutron server', lasts: [0, 2000], weight: 1 },
  'keystone-kill': {
    what: 'Keystone is killed and restarted, and older tokens are refused',
    slot: 'keystone',
    lasts: [0, 2000],
    weight: 1,
  },
  'neutron-hang': { what: 'Neutron does not answer', slot: 'neutron', lasts: [4000, 14_000], weight: 2 },
  'neutron-500': { what: 'Neutron answers 500', slot: 'neutron', lasts: [1000, 5000], weight: 2 },
  'neutron-503': { what: 'Neutron answers 503', slot: 'neutron', lasts: [1000, 8000], weight: 2 },
  'neutron-409': { what: 'Neutron answers 409', slot: 'neutron', lasts: [1000, 5000], weight: 2 },
  'neutron-429': { what: 'Neutron answers 429', slot: 'neutron', lasts: [1000, 5000], weight: 2 },
  'neutron-late': {
    what: 'Neutron gets requests after the client gave up',
    slot: 'neutron',
    lasts: [2000, 6000],
    weight: 2,
  },
  'neutron-unanswered': {
    what: 'Neutron does the work, and the client waits in vain',
    slot: 'neutron',
    lasts: [2000, 6000],
    weight: 2,
  },
  'neutron-close': {
    what: 'Neutron does the work, and the connection is closed',
    slot: 'neutron',
    lasts: [1000, 6000],
    weight: 2,
  },
  // Shorter than the worker's retries (chaos/place/place.ts), so that affected operations succeed in the end.
  'switch-500': {
    what: "Neutron answers 500 for one node's ports",
    slot: 'switch',
    lasts: [15_000, 45_000],
    weight: 1,
  },
} as const satisfies Record<string, Kind>;

export type FaultKind = keyof typeof KINDS;

export const FAULT_KINDS = Object.keys(KINDS) as FaultKind[];

/** The slots whose faults affect one worker. */
const OF_A_WORKER: readonly Slot[] = ['worker', 'network', 'neutron'];

export function meetsOneWorker(kind: FaultKind): boolean {
  return OF_A_WORKER.includes(KINDS[kind].slot);
}

/** The name of a fault's slot. Faults with the same name wait for each other. */
export function slotOf({ kind, worker }: { kind: FaultKind; worker: number | null }): string {
  return `${KINDS[kind].slot} ${worker ?? ''}`.trim();
}
