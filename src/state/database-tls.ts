import { readFileSync } from 'node:fs';

import { errorText } from '../async/error-text.js';

/** TLS options for the database. The names are oslo.db's, both in the URL and in the configuration. */
export interface DatabaseTls {
  /** Whether to use TLS. A certificate or an authority turns it on too. */
  ssl: boolean;
  /** Paths of PEM files. Without ssl_ca, the authorities that Node.js trusts. */
  ssl_ca: string | null;
  ssl_cert: string | null;
  ssl_key: string | null;
  /**
   * Whether a trusted authority must have signed the server's certificate, and whether it must have the server's name.
   */
  ssl_verify_cert: boolean;
  ssl_verify_identity: boolean;
}

const FILES = ['ssl_ca', 'ssl_cert', 'ssl_key'] as const;
const SWITCHES = ['ssl', 'ssl_verify_cert', 'ssl_verify_identity'] as const;
const KNOWN: readonly string[] = [...FILES, ...SWITCHES, 'charset'];
/** Accepted values of the parameter charset, by their names in Python's drivers. We always use utf8mb4. */
const CHARSETS = ['utf8', 'utf8mb3', 'utf8mb4'];
const VALUES: Readonly<Record<string, boolean>> = { true: true, false: false, '1': true, '0': false };

/** Checks the parameters of database.connection, after the question mark. Returns one sentence for each problem. */
export function problemsOf(parameters: ReadonlyMap<string, string>): string[] {
  const problems: string[] = [];
  for (const [name, value] of parameters) {
    if (!KNOWN.includes(name)) {
      problems.push(`the parameter ${name} is unknown; known parameters: ${KNOWN.join(', ')}`);
    } else if (isOneOf(SWITCHES, name) && VALUES[value.toLowerCase()] === undefined) {
      problems.push(`the parameter ${name} must be true or false`);
    } else if (isOneOf(FILES, name) && value === '') {
      problems.push(`the parameter ${name} must be the path of a file`);
    } else if (name === 'charset' && !CHARSETS.includes(value.toLowerCase())) {
      problems.push('the parameter charset must be utf8mb4 or be left out');
    }
  }
  return problems;
}

/** Returns the options, overridden by the URL's parameters. */
export function withParameters(options: DatabaseTls, parameters: ReadonlyMap<string, string>): DatabaseTls {
  const tls = { ...options };
  for (const [name, value] of parameters) {
    if (isOneOf(FILES, name)) tls[name] = value;
    if (isOneOf(SWITCHES, name)) tls[name] = VALUES[value.toLowerCase()] ?? tls[name];
  }
  return tls;
}

/** mysql2's TLS options. */
export interface Secure {
  ca?: string;
  cert?: string;
  key?: string;
  minVersion: 'TLSv1.2';
  rejectUnauthorized: boolean;
  verifyIdentity: boolean;
}

/** Makes mysql2's TLS options. Undefined: no TLS. @throws Error that names the option whose file cannot be read */
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
    throw new Error(`database.${name}: ${errorText(error)}`, { cause: error });
  }
}

function isOneOf<const T extends string>(names: readonly T[], name: string): name is T {
  return (names as readonly string[]).includes(name);
}
