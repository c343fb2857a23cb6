import { required } from '../../testkit/servers/environment.js';
import { listenerOf, processorTimeOf, processTree } from './proc.js';

const SAMPLE_EVERY = 100;

/** Whose processor time is counted: the contestant's own processes, and those of the two servers. */
export const SPENDERS = ['own', 'rabbitmq', 'mariadb'] as const;
export type Spender = (typeof SPENDERS)[number];

/** Seconds of processor time by spender. */
export type ProcessorTime = Record<Spender, number>;

/** The processor time so far, read at some time. */
export interface Sample {
  /** Milliseconds since 1970. */
  at: number;
  spent: ProcessorTime;
}

/**
 * Reads all the time how much processor time a program, RabbitMQ and MariaDB have spent. When a measurement began and
 * ended is known only later, by the program's own report.
 */
export class ProcessorTimes {
  readonly #samples: Sample[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #pids: Record<Spender, number[]>;
  #failure: unknown = null;

  /** @param own the contestant's processes */
  constructor(own: readonly number[]) {
    this.#pids = { own: [...own], ...serverProcesses() };
    this.#read();
    this.#timer = setInterval(() => {
      this.#read();
    }, SAMPLE_EVERY);
  }

  /**
   * Seconds of processor time between two times, in milliseconds since 1970.
   *
   * @throws Error when a process ended meanwhile
   */
  between(begin: number, end: number): ProcessorTime {
    this.#read();
    if (this.#failure !== null) throw this.#failure as Error;
    const [before, after] = [spentAt(this.#samples, begin), spentAt(this.#samples, end)];
    return byName((name) => after[name] - before[name]);
  }

  /** Seconds of processor time of the contestant from its start to this time. */
  ownUntil(time: number): number {
    return spentAt(this.#samples, time).own;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #read(): void {
    try {
      this.#samples.push({ at: Date.now(), spent: byName((name) => processorTimeOf(this.#pids[name])) });
    } catch (error) {
      this.#failure = error;
      this.stop();
    }
  }
}

/** The processes of the servers. @throws Error when they do not run on this machine as this user */
export function serverProcesses(): Record<Exclude<Spender, 'own'>, number[]> {
  const tree = (variable: string): number[] => processTree(listenerOf(Number(new URL(required(variable)).port)));
  return { rabbitmq: tree('NETPROV_TRANSPORT_URL'), mariadb: tree('NETPROV_DATABASE_URL') };
}

/** The processor time so far at this time: between two samples it is taken to have been spent evenly. */
export function spentAt(samples: readonly Sample[], time: number): ProcessorTime {
  const index = samples.findIndex(({ at }) => at >= time);
  const [before, after] = [samples[index - 1], index < 0 ? samples.at(-1) : samples[index]];
  if (after === undefined) throw new Error('no processor times were read');
  if (before === undefined || index < 0) return after.spent;
  const part = (time - before.at) / (after.at - before.at);
  return byName((name) => before.spent[name] + part * (after.spent[name] - before.spent[name]));
}

function byName(value: (name: Spender) => number): ProcessorTime {
  return { own: value('own'), rabbitmq: value('rabbitmq'), mariadb: value('mariadb') };
}
