import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import type { SentCast, SentLetter } from '../evidence.js';
import { EXCHANGE, TOPIC } from '../place/place.js';
import type { Plan } from '../plan/types.js';
import type { DriverNews, Order } from './orders.js';

/** Debian's OpenStack packages belong to this interpreter; another python3 may come first in PATH. */
const PYTHON = '/usr/bin/python3';
/** The compiled program of the fast driver, beside this file's own compiled form. */
const FAST = fileURLToPath(new URL('main.js', import.meta.url));

const PROGRAMS = {
  python: [PYTHON, 'chaos/python/driver.py'],
  amqplib: [process.execPath, '--enable-source-maps', FAST],
} as const;

type Client = keyof typeof PROGRAMS;

/** The processes that send casts, and what they have reported so far. */
export class Drivers {
  /** Sent casts by request id. */
  readonly casts = new Map<string, SentCast>();
  /** Sent letters by id. */
  readonly letters = new Map<string, SentLetter>();
  /** Number of messages that were sent again on purpose, after newer ones. */
  replayed = 0;
  /** Number of casts that RabbitMQ has accepted. */
  confirmed = 0;
  readonly #children: ChildProcess[] = [];

  constructor(
    { casts, letters }: Plan,
    private readonly folder: string,
    private readonly transportUrl: string,
    private readonly token: string,
  ) {
    for (const { requestId } of casts) this.casts.set(requestId, { sent: null, confirmed: null, repeats: 0 });
    for (const { id } of letters) this.letters.set(id, { confirmed: false, repeats: 0 });
  }

  /**
   * Sends everything. Resolves when RabbitMQ has accepted all of it.
   *
   * @param begin start of the orders' times, in milliseconds since the epoch
   * @throws when a driver fails: then nobody knows what was accepted
   */
  async run(orders: Record<Client, Order[]>, begin: number): Promise<void> {
    await Promise.all((Object.keys(PROGRAMS) as Client[]).map((client) => this.#drive(client, orders[client], begin)));
  }

  /** Kills the drivers, whatever they are doing. */
  kill(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }

  async #drive(client: Client, orders: Order[], begin: number): Promise<void> {
    const file = join(this.folder, `${client}.orders`);
    const errors = join(this.folder, `${client}.log`);
    writeFileSync(file, orders.map((order) => `${JSON.stringify(order)}\n`).join(''));
    const [command, ...args] = [...PROGRAMS[client], file, EXCHANGE, TOPIC, this.token, String(begin)] as const;
    const outer = Object.entries(process.env).filter(([name]) => !name.startsWith('NETPROV_'));
    const env = { ...Object.fromEntries(outer), CHAOS_TRANSPORT_URL: this.transportUrl };
    const log = openSync(errors, 'w');
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', log] });
    closeSync(log);
    this.#children.push(child);
    if (child.stdout === null) throw new Error('a driver without standard output');
    createInterface(child.stdout).on('line', (line) => {
      this.#note(JSON.parse(line) as DriverNews);
    });
    const [code] = (await once(child, 'close')) as [number | null];
    if (code === 0) return;
    const said = readFileSync(errors, 'utf8').trimEnd().split('\n').slice(-20).join('\n  ');
    throw new Error(`the ${client} driver ended with exit code ${code ?? 'none'}:\n  ${said}`);
  }

  #note({ event, id, time }: DriverNews): void {
    const letter = this.letters.get(id);
    if (letter !== undefined) {
      if (event === 'confirmed') letter.confirmed = true;
      else letter.repeats++;
    }
    const cast = this.casts.get(id);
    if (cast === undefined) return;
    if (event === 'sent') cast.sent = time;
    else if (event === 'confirmed') {
      cast.confirmed = time;
      this.confirmed++;
    } else {
      cast.repeats++;
      if (event === 'replayed') this.replayed++;
    }
  }
}
