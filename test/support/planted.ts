import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { DEAD, type DeadLetterPlace } from './dead-letters.js';
import type { Netprov } from './netprov.js';

/** A mark that is in every secret that a test plants, so that one search finds them all. */
export const MARK = `planted${randomUUID().replaceAll('-', '')}`;

/** Secrets of each shape that there is. */
export const PLANTED = {
  /** As Keystone makes them. */
  fernet: `gAAAAABn${MARK}`,
  /** Has what a URL and JSON must encode. */
  password: `${MARK} "p@ss/word`,
  /** Tells itself by nothing but where it stands. */
  word: MARK,
} as const;

/** Every log line of a worker of every component. */
export const EVERY_LINE = {
  NETPROV_LOG_LEVEL: 'debug',
  NETPROV_LOG_LEVELS: '{netprov: debug, worker: debug, rpc: debug, neutron: debug, providers: debug, state: debug}',
};

/** The two formats of a log. */
export const FORMATS = ['text', 'json'] as const;

/** Fails, with where it was, when one of the secrets is in a text. */
export function expectHidden(where: string, text: string, secrets: readonly string[] = [MARK]): void {
  for (const secret of secrets) {
    const at = text.indexOf(secret);
    expect(at, `${where} has a secret: ...${text.slice(Math.max(0, at - 200), at + secret.length + 20)}`).to.equal(-1);
  }
}

/** Looks for secrets wherever a worker writes: its log, every table, dead letters and what is shown of them. */
export async function expectNowhere(
  place: DeadLetterPlace,
  workers: readonly Netprov[],
  secrets: readonly string[] = [MARK],
): Promise<void> {
  for (const worker of workers) expectHidden('a log', worker.stdout + worker.stderr, secrets);
  const { manager } = place.database.dataSource;
  for (const row of await manager.query<Record<string, string>[]>('SHOW TABLES')) {
    const [table = ''] = Object.values(row);
    expectHidden(`table ${table}`, JSON.stringify(await manager.query(`SELECT * FROM \`${table}\``)), secrets);
  }
  const list = await place.run('dead-letter', 'list', '--json');
  expectHidden('dead-letter list', list.stdout + list.stderr, secrets);
  const { dead_letters: letters } = JSON.parse(list.stdout) as { dead_letters: { id: string }[] };
  // Those with the same body have the same id. The formats take turns: they say the same, and each run takes its time.
  for (const [index, id] of [...new Set(letters.map((letter) => letter.id))].entries()) {
    const shown = await place.run('dead-letter', 'show', id, ...(index % 2 === 0 ? [] : ['--json']));
    expect(shown.code).to.equal(0);
    expectHidden(`dead-letter show ${id}`, shown.stdout + shown.stderr, secrets);
  }
  const messages = await place.take(DEAD);
  expect(messages, 'dead letters').to.have.length(letters.length);
  for (const { properties } of messages) expectHidden('headers', JSON.stringify(properties.headers), secrets);
}
