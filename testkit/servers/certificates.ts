import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A test's own certificate authority in a temporary folder. */
export class CertificateAuthority {
  readonly #folder = mkdtempSync(join(tmpdir(), 'netprov-ca-'));
  /** PEM file of the authority's certificate. */
  readonly file = join(this.#folder, 'ca.pem');

  constructor(name: string) {
    this.#openssl(
      'req',
      '-x509',
      '-nodes',
      '-days',
      '1',
      '-subj',
      `/CN=${name}`,
      ...this.#newKey('ca'),
      '-out',
      'ca.pem',
    );
  }

  get pem(): Buffer {
    return readFileSync(this.file);
  }

  /** Issues a certificate for the subjectAltName, such as "IP:127.0.0.1" or "DNS:localhost". */
  issue(name: string, subjectAltName: string): { certFile: string; keyFile: string; cert: Buffer; key: Buffer } {
    const [certFile, keyFile] = [join(this.#folder, `${name}.pem`), join(this.#folder, `${name}.key`)];
    writeFileSync(join(this.#folder, `${name}.ext`), `subjectAltName=${subjectAltName}\n`);
    this.#openssl('req', '-nodes', '-subj', `/CN=${name}`, ...this.#newKey(name), '-out', `${name}.csr`);
    // cspell:ignore Acreateserial
    const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '1', '-extfile', `${name}.ext`];
    this.#openssl('x509', '-req', '-in', `${name}.csr`, ...signing, '-out', `${name}.pem`);
    return { certFile, keyFile, cert: readFileSync(certFile), key: readFileSync(keyFile) };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #newKey(name: string): string[] {
    return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-keyout', `${name}.key`];
  }

  #openssl(...args: string[]): void {
    execFileSync('openssl', args, { cwd: this.#folder, stdio: ['ignore', 'ignore', 'pipe'] });
  }
}
