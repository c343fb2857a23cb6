import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { required } from './environment.js';
import { PYTHON } from './python.js';

/**
 * The real ironic-neutron-agent of networking-baremetal. It reports to Neutron the nodes whose ports an Ironic API
 * lists.
 */
export class IronicNeutronAgent {
  readonly #folder = mkdtempSync(join(tmpdir(), 'netprov-agent-'));
  readonly #log = join(this.#folder, 'log');
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;

  /** @param api the root of the API, which must already answer */
  constructor(api: string) {
    const [own, empty] = [join(this.#folder, 'own.conf'), join(this.#folder, 'empty')];
    mkdirSync(empty);
    writeFileSync(own, configure(api, this.#folder));
    const log = openSync(this.#log, 'w');
    const files = ['--config-file', own, '--config-dir', empty];
    this.#process = spawn(PYTHON, ['/usr/bin/ironic-neutron-agent', ...files], { stdio: ['ignore', log, log] });
    closeSync(log);
    this.#ended = once(this.#process, 'close');
  }

  /** The log of the agent. */
  get log(): string {
    return readFileSync(this.#log, 'utf8');
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#ended;
    rmSync(this.#folder, { recursive: true });
  }
}

/** The agent's configuration. It reports once a second, so a new node may take that long. */
function configure(api: string, folder: string): string {
  return `[DEFAULT]
transport_url = ${required('NETPROV_NEUTRON_TRANSPORT_URL')}
state_path = ${folder}
[AGENT]
report_interval = 1
[oslo_concurrency]
lock_path = ${folder}/lock
[ironic]
auth_type = none
endpoint_override = ${api}
`;
}
