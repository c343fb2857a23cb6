import { BlockList, isIP } from 'node:net';

import type { Authenticator } from './authenticator.js';
import { administrator, type Identity } from './identity.js';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether only this machine can connect to a server that listens on this address. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  return family === 0 ? host === 'localhost' : LOOPBACK.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

/** auth_strategy noauth: everybody is an administrator. */
export class NoAuthentication implements Authenticator {
  readonly #everybody = administrator(null);

  authenticate(): Promise<Identity> {
    return Promise.resolve(this.#everybody);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
