import { readFileSync } from 'node:fs';

/** TLS towards the database: the names are oslo.db's, in the URL as among the options. */
export interface DatabaseTls {
  /** Also where a certificate or an authority is named. */
  ssl: boolean;
  /** PEM files. No authority: those that Node.js trusts. */
  ssl_ca: string | null;
  ssl_cert: string | null;
  ssl_key: string | null;
  /** Whether the server's certificate has to be signed by an authority; and whether it has to have the server's name. */
  ssl_verify_cert: boolean;
  ssl_verify_identity: boolean;
}

const FILES = ['ssl_ca', 'ssl_cert', 'ssl_key'] as const;
const SWITCHES = ['ssl', 'ssl_verify_cert', 'ssl_verify_identity'] as const;
const KNOWN: readonly string[] = [...FILES, ...SWITCHES, 'charset'];
/** As Python's drivers call it; ours is utf8mb4 in any case. */
const CHARSETS = ['utf8', 'utf8mb3', 'utf8mb4'];
const VALUES: Readonly<Record<string, boolean>> = { true: true, false: false, '1': true, '0': false };

/** What is wrong with the parameters of database.connection, those behind the question mark: one sentence for each. */
export function problemsOf(parameters: ReadonlyMap<string, string>): string[] {
  const problems: string[] = [];
  for (const [name, value] of parameters) {
    if (!KNOWN.includes(name)) {
      problems.push(`the parameter ${name} is not known; known are ${KNOWN.join(', ')}`);
    } else if (isOneOf(SWITCHES, name) && VALUES[value.toLowerCase()] === undefined) {
      problems.push(`the parameter ${name} has to be true or false`);
    } else if (isOneOf(FILES, name) && value === '') {
      problems.push(`the parameter ${name} has to be the path of a file`);
    } else if (name === 'charset' && !CHARSETS.includes(value.toLowerCase())) {
      problems.push('the parameter charset has to be utf8mb4, or be left out');
    }
  }
  return problems;
}

/** What the options say, and the URL in their place where it says something. */
export function withParameters(options: DatabaseTls, parameters: ReadonlyMap<string, string>): DatabaseTls {
  const tls = { ...options };
  for (const [name, value] of parameters) {
    if (isOneOf(FILES, name)) tls[name] = value;
    if (isOneOf(SWITCHES, name)) tls[name] = VALUES[value.toLowerCase()] ?? tls[name];
  }
  return tls;
}

/** What mysql2 is told of TLS; undefined: there is to be none. */
export interface Secure {
  ca?: string;
  cert?: string;
  key?: string;
  minVersion: 'TLSv1.2';
  rejectUnauthorized: boolean;
  verifyIdentity: boolean;
}

/** @throws Error that names the option whose file cannot be read */
export function secureOf(tls: DatabaseTls): Secure | undefined {
  if (!tls.ssl && tls.ssl_ca === null && tls.ssl_cert === null) return undefined;
  const [ca, cert, key] = FILES.map((name) => readOption(name, tls[name]));
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    minVersion: 'TLSv1.2',
    rejectUnauthorized: tls.ssl_verify_cert,
    verifyIdentity: tls.ssl_verify_cert && tls.ssl_verify_identity,
  };
}

function readOption(name: string, file: string | null): string | undefined {
  if (file === null) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`database.${name}: ${(error as Error).message}`, { cause: error });
  }
}

function isOneOf<const T extends string>(names: readonly T[], name: string): name is T {
  return (names as readonly string[]).includes(name);
}
