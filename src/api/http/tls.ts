import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ServerOptions } from 'node:https';
import { type SecureContextOptions, Server } from 'node:tls';

import { errorText } from '../../async/error-text.js';
import { NetprovError } from '../../errors.js';

/** TLS files in PEM format. The names are those of oslo.service, in its group [ssl]. */
export interface TlsFiles {
  /** The server's certificate, followed by the certificates between it and the authority. */
  cert_file: string;
  key_file: string;
  /** Authorities of client certificates; every client must then present a certificate. null: clients need none. */
  ca_file: string | null;
}

/** A file of option ssl is unusable. Thrown at start, and when the files are read again. */
export class TlsFileError extends NetprovError {
  readonly code = 'tls_file';

  constructor(
    /** The option's name, such as ssl.cert_file. */
    readonly option: string,
    readonly file: string,
    reason: string,
  ) {
    super(`${option} is ${file}, which cannot be used: ${reason}`);
  }
}

/**
 * Options for an HTTPS server. TLS 1.2 is the lowest version that it accepts.
 *
 * @throws TlsFileError
 */
export function serverOptions(files: TlsFiles): ServerOptions {
  const client = files.ca_file === null ? {} : { requestCert: true, rejectUnauthorized: true };
  return { ...secureContext(files), ...client };
}

/**
 * Reads the files and checks that they are usable. A running server can use the result for its later connections.
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
    throw new TlsFileError(option, file, errorText(error));
  }
}

/**
 * Makes a running server use the current contents of the files for new connections.
 *
 * @throws TlsFileError; the server then keeps what it had
 */
export function renewCertificates(server: object, files: TlsFiles): void {
  if (server instanceof Server) server.setSecureContext(secureContext(files));
}
