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
      `use ${oldestMajor}.${oldestMinor} or later: older ones were not tried`,
    );
  } else findings.ok('version', `${product} ${version}`);
  if (readBoolean(row['read_only']) === true) {
    findings.problem(
      'read_only',
      'the server is read-only: nothing can be committed',
      'name the primary in database.connection, or SET GLOBAL read_only = OFF',
    );
  }
  if (Number(row['flush']) !== 1) {
    findings.warning(
      'durability',
      `innodb_flush_log_at_trx_commit is ${String(row['flush'])}: what was committed last may be lost when the machine stops`,
      'set it to 1, unless several servers of a cluster have each commit',
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
      `a session was told sql_mode TRADITIONAL, and has "${mode}"`,
      'what stands before the database must not drop SET SESSION, nor share a session between connections',
    );
  }
  const packet = Number(row['packet']);
  // In the worst case, each character of a message needs a backslash in the statement.
  const needed = 2 * config.rpc.max_message_bytes;
  if (packet < needed) {
    findings.warning(
      'max_allowed_packet',
      `a statement may have ${packet} bytes, and a request ${config.rpc.max_message_bytes}: what is longer cannot be put on record`,
      `set max_allowed_packet of the server to ${needed} at least, or lower rpc.max_message_bytes`,
    );
  } else findings.ok('max_allowed_packet', `a statement may have ${packet} bytes`);
  const [status] = await dataSource.query<{ Value: string }[]>("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
  const cipher = status?.Value ?? '';
  findings.ok('tls', cipher === '' ? 'the connection is without TLS' : `the connection has TLS, with ${cipher}`);
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
    findings.problem('schema', `the schema is behind: ${missing.join(', ')} not applied`, 'run netprov db upgrade');
    return false;
  }
  const newer = (await appliedMigrations(dataSource)).filter((name) => !status.some((known) => known.name === name));
  if (newer.length > 0) {
    findings.warning(
      'schema',
      `the schema has what this netprov does not know: ${newer.join(', ')}`,
      'upgrade this netprov to the version of the one that ran netprov db upgrade',
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
      `table ${String(name)} is ${String(engine)} with ${String(collation)}, and is needed as InnoDB with utf8mb4_bin`,
      `ALTER TABLE ${String(name)} ENGINE=InnoDB, CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
    );
  }
}

async function appliedMigrations(dataSource: DataSource): Promise<string[]> {
  const rows = await dataSource.query<Row[]>('SELECT name FROM migrations ORDER BY id');
  return rows.map(({ name }) => String(name));
}
