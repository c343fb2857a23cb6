import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ServerOptions } from 'node:https';
import { type SecureContextOptions, Server } from 'node:tls';

/** Files in PEM format. Names are oslo.service's, in its group [ssl]. */
export interface TlsFiles {
  /** The server's certificate, and those between it and the authority after it. */
  cert_file: string;
  key_file: string;
  /** Authorities of clients' certificates, which every client then has to have; null: clients need none. */
  ca_file: string | null;
}

/** A file of option ssl that cannot be used. Thrown at start, and when the files are read again. */
export class TlsFileError extends Error {
  constructor(
    /** The option's name, such as ssl.cert_file. */
    readonly option: string,
    readonly file: string,
    reason: string,
  ) {
    super(`${option} is ${file}, which cannot be used: ${reason}`);
    this.name = 'TlsFileError';
  }
}

/**
 * What an HTTPS server is made with. TLS 1.2 is the least that it speaks.
 *
 * @throws TlsFileError
 */
export function serverOptions(files: TlsFiles): ServerOptions {
  const client = files.ca_file === null ? {} : { requestCert: true, rejectUnauthorized: true };
  return { ...secureContext(files), ...client };
}

/**
 * The files' contents, once they were found to be of use: also for a server that runs, whose later connections are made
 * with them.
 *
 * @throws TlsFileError
 */
export function secureContext({ cert_file, key_file, ca_file }: TlsFiles): SecureContextOptions {
  const cert = read('ssl.cert_file', cert_file);
  const key = read('ssl.key_file', key_file);
  const certificate = usable('ssl.cert_file', cert_file, () => new X509Certificate(cert));
  const privateKey = usable('ssl.key_file', key_file, () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new TlsFileError(
      'ssl.key_file',
      key_file,
      `it is not the key of the certificate in ssl.cert_file, ${cert_file}`,
    );
  }
  const options: SecureContextOptions = { cert, key, minVersion: 'TLSv1.2' };
  if (ca_file === null) return options;
  const ca = read('ssl.ca_file', ca_file);
  usable('ssl.ca_file', ca_file, () => new X509Certificate(ca));
  return { ...options, ca };
}

function read(option: string, file: string): string {
  return usable(option, file, () => readFileSync(file, 'utf8'));
}

function usable<T>(option: string, file: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw new TlsFileError(option, file, (error as Error).message);
  }
}

/**
 * Has a server that runs use what is in the files now, for connections that are made from now on.
 *
 * @throws TlsFileError; then all stays as it was
 */
export function renewCertificates(server: object, files: TlsFiles): void {
  if (server instanceof Server) server.setSecureContext(secureContext(files));
}
