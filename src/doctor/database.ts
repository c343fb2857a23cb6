import type { DataSource } from 'typeorm';

import { isTransientDatabaseError, readBoolean, schemaStatus } from '../state/index.js';
import { type Findings, type DoctorContext, reasonOf, tellClock } from './finding.js';
import { checkFleet } from './fleet.js';

type Row = Record<string, unknown>;

/** Oldest versions with which the schema and the statements were tested. */
const OLDEST = { MariaDB: [10, 6], MySQL: [8, 0] } as const;

/** Checks the database: connection, version, settings, schema and clock, and what it says of workers and operations. */
export async function checkDatabase(context: DoctorContext, findings: Findings, signal: AbortSignal): Promise<void> {
  let dataSource: DataSource;
  try {
    dataSource = await context.openDatabase();
  } catch (error) {
    const away = isTransientDatabaseError(error);
    findings.problem(
      'connection',
      reasonOf(error),
      away ? AWAY : 'correct database.connection: user, password, database',
    );
    return;
  }
  try {
    findings.ok('connection', 'connected');
    await checkServer(dataSource, findings);
    await checkSession(dataSource, context, findings);
    await checkClock(dataSource, findings);
    if (await checkSchema(dataSource, findings)) await checkFleet(dataSource.manager, context, findings, signal);
  } finally {
    await dataSource.destroy();
  }
}

const AWAY = 'start the database, or correct database.connection';

async function checkServer(dataSource: DataSource, findings: Findings): Promise<void> {
  const [row = {}] = await dataSource.query<Row[]>(
    `SELECT VERSION() AS version, @@read_only AS read_only, @@innodb_flush_log_at_trx_commit AS flush`,
  );
  const version = String(row['version']);
  const product = version.includes('MariaDB') ? 'MariaDB' : 'MySQL';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST[product];
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    findings.warning(
      'version',
      `${product} ${version}`,
      `use ${oldestMajor}.${oldestMinor} or later: netprov was not tested with older versions`,
    );
  } else findings.ok('version', `${product} ${version}`);
  if (readBoolean(row['read_only']) === true) {
    findings.problem(
      'read_only',
      'the server is read-only: workers cannot commit',
      'set database.connection to the primary, or run SET GLOBAL read_only = OFF',
    );
  }
  if (Number(row['flush']) !== 1) {
    findings.warning(
      'durability',
      `innodb_flush_log_at_trx_commit is ${String(row['flush'])}: the last commits may be lost when the machine crashes`,
      'set it to 1, unless a cluster keeps each commit on several servers',
    );
  }
}

/** Checks the sessions: TLS, their settings, and the longest statement. */
async function checkSession(dataSource: DataSource, { config }: DoctorContext, findings: Findings): Promise<void> {
  const [row = {}] = await dataSource.query<Row[]>('SELECT @@sql_mode AS mode, @@max_allowed_packet AS packet');
  const mode = String(row['mode']);
  if (mode.split(',').includes('TRADITIONAL')) findings.ok('sql_mode', `sessions have sql_mode ${mode}`);
  else {
    findings.problem(
      'sql_mode',
      `netprov set sql_mode TRADITIONAL, but the session has "${mode}"`,
      'configure the proxy in front of the database so that it passes SET SESSION on and does not share sessions',
    );
  }
  const packet = Number(row['packet']);
  // In the worst case, each character of a message needs a backslash in the statement.
  const needed = 2 * config.rpc.max_message_bytes;
  if (packet < needed) {
    findings.warning(
      'max_allowed_packet',
      `a statement may have ${packet} bytes, but a request may have ${config.rpc.max_message_bytes}: a long request cannot be recorded`,
      `set the server's max_allowed_packet to at least ${needed}, or lower rpc.max_message_bytes`,
    );
  } else findings.ok('max_allowed_packet', `a statement may have ${packet} bytes`);
  const [status] = await dataSource.query<{ Value: string }[]>("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
  const cipher = status?.Value ?? '';
  findings.ok('tls', cipher === '' ? 'the connection does not use TLS' : `the connection uses TLS, with ${cipher}`);
}

async function checkClock(dataSource: DataSource, findings: Findings): Promise<void> {
  const before = Date.now();
  const [row] = await dataSource.query<Row[]>('SELECT UNIX_TIMESTAMP(NOW(6)) * 1000 AS now');
  tellClock('the database', Number(row?.['now']), (before + Date.now()) / 2, findings);
}

/**
 * Checks the schema.
 *
 * @returns whether the schema is current
 */
async function checkSchema(dataSource: DataSource, findings: Findings): Promise<boolean> {
  const status = await schemaStatus(dataSource);
  const missing = status.filter(({ applied }) => !applied).map(({ name }) => name);
  if (missing.length > 0) {
    findings.problem(
      'schema',
      `the schema is out of date: ${missing.join(', ')} not applied`,
      'run netprov db upgrade',
    );
    return false;
  }
  const newer = (await appliedMigrations(dataSource)).filter((name) => !status.some((known) => known.name === name));
  if (newer.length > 0) {
    findings.warning(
      'schema',
      `the schema has migrations that this version of netprov does not know: ${newer.join(', ')}`,
      'upgrade netprov on this machine to the version that ran netprov db upgrade',
    );
  } else findings.ok('schema', 'the schema is current');
  await checkTables(dataSource, findings);
  return true;
}

async function checkTables(dataSource: DataSource, findings: Findings): Promise<void> {
  const names = dataSource.entityMetadatas.map(({ tableName }) => tableName);
  const rows = await dataSource.query<Row[]>(
    `SELECT table_name AS name, engine AS engine, table_collation AS collation FROM information_schema.tables
     WHERE table_schema = DATABASE() AND table_name IN (?)`,
    [names],
  );
  const wrong = rows.filter(({ engine, collation }) => engine !== 'InnoDB' || collation !== 'utf8mb4_bin');
  for (const { name, engine, collation } of wrong) {
    findings.problem(
      'tables',
      `table ${String(name)} is ${String(engine)} with ${String(collation)}, but InnoDB with utf8mb4_bin is needed`,
      `run ALTER TABLE ${String(name)} ENGINE=InnoDB, CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
    );
  }
}

async function appliedMigrations(dataSource: DataSource): Promise<string[]> {
  const rows = await dataSource.query<Row[]>('SELECT name FROM migrations ORDER BY id');
  return rows.map(({ name }) => String(name));
}
