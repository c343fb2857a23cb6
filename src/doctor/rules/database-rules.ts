import { errorText } from '../../async/error-text.js';
import { isTransientDatabaseError } from '../../state/index.js';
import { type DoctorRule } from '../finding.js';

/** The connection: why it failed; null: it did not. */
export const DATABASE_CONNECTION_RULES: readonly DoctorRule<unknown>[] = [
  { check: 'connection', status: 'ok', when: (error) => error === null, what: 'connected' },
  {
    check: 'connection',
    status: 'problem',
    what: errorText,
    remedy: (error) =>
      isTransientDatabaseError(error)
        ? 'start the database, or correct database.connection'
        : 'correct database.connection: user, password, database',
  },
];

/** Oldest versions with which the schema and the statements were tested. */
const OLDEST = { MariaDB: [10, 6], MySQL: [8, 0] } as const;

interface ServerFacts {
  product: keyof typeof OLDEST;
  version: string;
  readOnly: boolean;
  /** The variable innodb_flush_log_at_trx_commit. */
  flush: string;
}

function isOld({ product, version }: ServerFacts): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST[product];
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}

export const SERVER_RULES: readonly DoctorRule<ServerFacts>[] = [
  {
    check: 'version',
    status: 'warning',
    when: isOld,
    what: ({ product, version }) => `${product} ${version}`,
    remedy: ({ product }) => `use ${OLDEST[product].join('.')} or later: netprov was not tested with older versions`,
  },
  {
    check: 'version',
    status: 'ok',
    when: (server) => !isOld(server),
    what: ({ product, version }) => `${product} ${version}`,
  },
  {
    check: 'read_only',
    status: 'problem',
    when: ({ readOnly }) => readOnly,
    what: 'the server is read-only: workers cannot commit',
    remedy: 'set database.connection to the primary, or run SET GLOBAL read_only = OFF',
  },
  {
    check: 'durability',
    status: 'warning',
    when: ({ flush }) => Number(flush) !== 1,
    what: ({ flush }) =>
      `innodb_flush_log_at_trx_commit is ${flush}: the last commits may be lost when the machine crashes`,
    remedy: 'set it to 1, unless a cluster keeps each commit on several servers',
  },
];

/** The sql_mode of a session. */
export const SQL_MODE_RULES: readonly DoctorRule<string>[] = [
  {
    check: 'sql_mode',
    status: 'ok',
    when: (mode) => mode.split(',').includes('TRADITIONAL'),
    what: (mode) => `sessions have sql_mode ${mode}`,
  },
  {
    check: 'sql_mode',
    status: 'problem',
    what: (mode) => `netprov set sql_mode TRADITIONAL, but the session has "${mode}"`,
    remedy: 'configure the proxy in front of the database so that it passes SET SESSION on and does not share sessions',
  },
];

interface PacketFacts {
  /** The variable max_allowed_packet. */
  packet: number;
  /** The option rpc.max_message_bytes. */
  message: number;
}

/** Bytes of a statement with a message in it. In the worst case, each of its characters needs a backslash. */
const neededFor = ({ message }: PacketFacts): number => 2 * message;

export const PACKET_RULES: readonly DoctorRule<PacketFacts>[] = [
  {
    check: 'max_allowed_packet',
    status: 'warning',
    when: (facts) => facts.packet < neededFor(facts),
    what: ({ packet, message }) =>
      `a statement may have ${packet} bytes, but a request may have ${message}: a long request cannot be recorded`,
    remedy: (facts) =>
      `set the server's max_allowed_packet to at least ${neededFor(facts)}, or lower rpc.max_message_bytes`,
  },
  { check: 'max_allowed_packet', status: 'ok', what: ({ packet }) => `a statement may have ${packet} bytes` },
];

/** TLS: the cipher; '' without TLS. */
export const TLS_RULES: readonly DoctorRule<string>[] = [
  {
    check: 'tls',
    status: 'ok',
    what: (cipher) => (cipher === '' ? 'the connection does not use TLS' : `the connection uses TLS, with ${cipher}`),
  },
];

interface SchemaFacts {
  /** Migrations that are not applied. */
  missing: readonly string[];
  /** Migrations that are applied, and that this version does not know. */
  unknown: readonly string[];
}

export const SCHEMA_RULES: readonly DoctorRule<SchemaFacts>[] = [
  {
    check: 'schema',
    status: 'problem',
    when: ({ missing }) => missing.length > 0,
    what: ({ missing }) => `the schema is out of date: ${missing.join(', ')} not applied`,
    remedy: 'run netprov db upgrade',
  },
  {
    check: 'schema',
    status: 'warning',
    when: ({ unknown }) => unknown.length > 0,
    what: ({ unknown }) =>
      `the schema has migrations that this version of netprov does not know: ${unknown.join(', ')}`,
    remedy: 'upgrade netprov on this machine to the version that ran netprov db upgrade',
  },
  { check: 'schema', status: 'ok', what: 'the schema is current' },
];

interface TableFacts {
  name: string;
  engine: string;
  collation: string;
}

export const TABLE_RULES: readonly DoctorRule<TableFacts>[] = [
  {
    check: 'tables',
    status: 'problem',
    when: ({ engine, collation }) => engine !== 'InnoDB' || collation !== 'utf8mb4_bin',
    what: ({ name, engine, collation }) =>
      `table ${name} is ${engine} with ${collation}, but InnoDB with utf8mb4_bin is needed`,
    remedy: ({ name }) => `run ALTER TABLE ${name} ENGINE=InnoDB, CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
  },
];
