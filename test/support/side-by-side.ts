import { expect } from 'chai';

import { Baremetal, type Said } from './baremetal.js';

/** Who answers the client: a real Ironic, or `netprov api`. */
const SIDES = ['ironic', 'netprov'] as const;
type Side = (typeof SIDES)[number];

type Fields = Record<string, unknown>;
type Json = Fields | Fields[];

/** How Ironic writes a point in time: a list to the second, the answer to a change more closely. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$/;

/** The same command, run by the real client before a real Ironic and before `netprov api`. */
export class SideBySide {
  readonly #clients: Record<Side, Baremetal>;
  /** What is called `{name}` in a command and in what it prints: a UUID that each chose by itself. */
  readonly #called: Record<Side, Map<string, string>> = { ironic: new Map(), netprov: new Map() };

  constructor(endpoints: Record<Side, string>) {
    this.#clients = { ironic: new Baremetal(endpoints.ironic), netprov: new Baremetal(endpoints.netprov) };
  }

  async stop(): Promise<void> {
    await Promise.all(SIDES.map((side) => this.#clients[side].stop()));
  }

  /** Has commands say `{name}` of what has another UUID on each side, and what they print. */
  call(name: string, uuids: Record<Side, string>): void {
    for (const side of SIDES) this.#called[side].set(`{${name}}`, uuids[side]);
  }

  /** Runs a command on both, whatever comes of it. */
  async run(command: string): Promise<Record<Side, Said>> {
    const [ironic, netprov] = await Promise.all(SIDES.map((side) => this.#runOn(side, command)));
    if (ironic === undefined || netprov === undefined) throw new Error('a side is missing');
    return { ironic, netprov };
  }

  /** Runs a command that both have to do, and to say the same of in words. */
  async does(command: string): Promise<void> {
    const { ironic, netprov } = await this.run(command);
    expectDone('Ironic', command, ironic);
    expect(netprov, `baremetal ${command}`).to.deep.equal(ironic);
  }

  /**
   * Runs a command that prints JSON on both. What it prints has to be equal in these fields, by the names that the
   * client gives them; answers with them.
   */
  async same(fields: readonly string[], command: string): Promise<Json> {
    const { ironic, netprov } = await this.run(`${command} -f json`);
    expectDone('Ironic', command, ironic);
    expectDone('netprov', command, netprov);
    const [expected, found] = [pick(ironic.stdout, fields), pick(netprov.stdout, fields)];
    expect(found, `baremetal ${command}`).to.deep.equal(expected);
    return found;
  }

  /** Runs a command that prints JSON on both, which has none of these fields. */
  async lacks(fields: readonly string[], command: string): Promise<void> {
    if (fields.length === 0) return;
    for (const [side, said] of Object.entries(await this.run(`${command} -f json`))) {
      expect(JSON.parse(said.stdout), `${side}: baremetal ${command}`).not.to.have.any.keys([...fields]);
    }
  }

  /** Runs a command on both that makes something, whose UUID each chooses; calls it `{name}` from then on. */
  async make(name: string, fields: readonly string[], command: string): Promise<void> {
    const { ironic, netprov } = await this.run(`${command} -f json`);
    const made = Object.entries({ ironic, netprov }).map(([side, said]) => {
      expectDone(side, command, said);
      const { stdout } = said;
      const { uuid } = JSON.parse(stdout) as { uuid: string };
      this.#called[side as Side].set(`{${name}}`, uuid);
      return pick(stdout.replaceAll(uuid, `{${name}}`), fields);
    });
    expect(made[1], `baremetal ${command}`).to.deep.equal(made[0]);
  }

  /**
   * Runs a command that both have to refuse, in the same way: with the same exit code, and with the same HTTP status
   * where the API was asked. Answers with what was said before `netprov api`, for which the words may be others.
   */
  async refused(status: number | null, command: string): Promise<string> {
    const { ironic, netprov } = await this.run(command);
    const expected = { code: ironic.code, statuses: status === null ? [] : [status] };
    expect(ironic.code, `baremetal ${command}`).not.to.equal(0);
    expect({ code: ironic.code, statuses: statusesIn(ironic.stderr) }, `Ironic: ${ironic.stderr}`).to.deep.equal(
      expected,
    );
    const found = { code: netprov.code, statuses: statusesIn(netprov.stderr) };
    expect(found, `baremetal ${command}: ${netprov.stderr}`).to.deep.equal(expected);
    return netprov.stderr;
  }

  async #runOn(side: Side, command: string): Promise<Said> {
    const called = [...this.#called[side]];
    const replaced = (text: string, [from, to]: readonly [string, string]): string => text.replaceAll(from, to);
    const said = await this.#clients[side].run(...wordsOf(called.reduce(replaced, command)));
    const named = (text: string): string => called.reduce((all, [name, uuid]) => replaced(all, [uuid, name]), text);
    return { ...said, stdout: named(said.stdout), stderr: named(said.stderr) };
  }
}

function expectDone(side: string, command: string, { code, stderr }: Said): void {
  expect({ code, stderr }, `${side}: baremetal ${command}`).to.deep.equal({ code: 0, stderr: '' });
}

/** The statuses that the client names. */
function statusesIn(text: string): number[] {
  return [...new Set([...text.matchAll(/\(HTTP (\d{3})\)/g)].map(([, status]) => Number(status)))];
}

/** These fields of what the client printed, with points in time as a word. All of them have to be there. */
function pick(stdout: string, fields: readonly string[]): Json {
  const printed = JSON.parse(stdout) as Json;
  const one = (item: Fields): Fields => {
    expect(item).to.include.all.keys([...fields]);
    return Object.fromEntries(fields.map((field) => [field, timeless(item[field])]));
  };
  return Array.isArray(printed) ? printed.map(one) : one(printed);
}

function timeless(value: unknown): unknown {
  return typeof value === 'string' && TIME.test(value) ? 'a time' : value;
}

/** The words of a command; one with blanks in it stands in single quotes. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}
