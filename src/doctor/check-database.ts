import type { DataSource } from 'typeorm';

import { readBoolean, schemaStatus } from '../state/index.js';
import { checkFleet } from './check-fleet.js';
import type { DoctorContext, Findings } from './finding.js';
import { CLOCK_RULES, clockFacts } from './rules/clock-rules.js';
import {
  DATABASE_CONNECTION_RULES,
  PACKET_RULES,
  SCHEMA_RULES,
  SERVER_RULES,
  SQL_MODE_RULES,
  TABLE_RULES,
  TLS_RULES,
} from './rules/database-rules.js';

type Row = Record<string, unknown>;

/** Checks the database: connection, version, settings, schema and clock, and what it says of workers and operations. */
export async function checkDatabase(context: DoctorContext, findings: Findings, signal: AbortSignal): Promise<void> {
  let dataSource: DataSource;
  try {
    dataSource = await context.openDatabase();
  } catch (error) {
    findings.first(DATABASE_CONNECTION_RULES, error);
    return;
  }
  try {
    findings.first(DATABASE_CONNECTION_RULES, null);
    await checkServer(dataSource, findings);
    await checkSession(dataSource, context, findings);
    await checkClock(dataSource, findings);
    if (await checkSchema(dataSource, findings)) await checkFleet(dataSource.manager, context, findings, signal);
  } finally {
    await dataSource.destroy();
  }
}

async function checkServer(dataSource: DataSource, findings: Findings): Promise<void> {
  const [row = {}] = await dataSource.query<Row[]>(
    `SELECT VERSION() AS version, @@read_only AS read_only, @@innodb_flush_log_at_trx_commit AS flush`,
  );
  const version = String(row['version']);
  const product = version.includes('MariaDB') ? 'MariaDB' : 'MySQL';
  const readOnly = readBoolean(row['read_only']) === true;
  findings.every(SERVER_RULES, { product, version, readOnly, flush: String(row['flush']) });
}

/** Checks the sessions: TLS, their settings, and the longest statement. */
async function checkSession(dataSource: DataSource, { config }: DoctorContext, findings: Findings): Promise<void> {
  const [row = {}] = await dataSource.query<Row[]>('SELECT @@sql_mode AS mode, @@max_allowed_packet AS packet');
  findings.first(SQL_MODE_RULES, String(row['mode']));
  findings.first(PACKET_RULES, { packet: Number(row['packet']), message: config.rpc.max_message_bytes });
  const [status] = await dataSource.query<{ Value: string }[]>("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
  findings.first(TLS_RULES, status?.Value ?? '');
}

async function checkClock(dataSource: DataSource, findings: Findings): Promise<void> {
  const before = Date.now();
  const [row] = await dataSource.query<Row[]>('SELECT UNIX_TIMESTAMP(NOW(6)) * 1000 AS now');
  findings.first(CLOCK_RULES, clockFacts('the database', Number(row?.['now']), (before + Date.now()) / 2));
}

/**
 * Checks the schema.
 *
 * @returns whether the schema has all migrations
 */
async function checkSchema(dataSource: DataSource, findings: Findings): Promise<boolean> {
  const status = await schemaStatus(dataSource);
  const missing = status.filter(({ applied }) => !applied).map(({ name }) => name);
  const applied = missing.length > 0 ? [] : await appliedMigrations(dataSource);
  const unknown = applied.filter((name) => !status.some((known) => known.name === name));
  findings.first(SCHEMA_RULES, { missing, unknown });
  if (missing.length > 0) return false;
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
  for (const { name, engine, collation } of rows) {
    findings.first(TABLE_RULES, { name: String(name), engine: String(engine), collation: String(collation) });
  }
}

async function appliedMigrations(dataSource: DataSource): Promise<string[]> {
  const rows = await dataSource.query<Row[]>('SELECT name FROM migrations ORDER BY id');
  return rows.map(({ name }) => String(name));
}
