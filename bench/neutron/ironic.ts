import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { MethodName } from '../../src/index.js';
import { createDatabase, type TestDatabase } from '../../test/support/database.js';
import { Child, PYTHON } from '../child.js';
import type { Contestant, Place } from './contestant.js';
import type { BenchNode } from './scenarios.js';

const PROGRAM = 'bench/python/ironic_network_interface.py';
/** What the command ironic-dbsync does; the library's package does not bring the command. */
const DBSYNC = 'from ironic.cmd.dbsync import main; main()';

/** Ironic's own neutron network interface, in a process that is set up as a conductor is, with a database of its own. */
export class Ironic implements Contestant {
  private constructor(
    private readonly database: TestDatabase,
    private readonly folder: string,
    private readonly child: Child,
    private readonly signal: AbortSignal,
  ) {}

  static async start(place: Place, signal: AbortSignal): Promise<Ironic> {
    const database = await createDatabase({ migrated: false });
    const folder = mkdtempSync(join(tmpdir(), 'netprov-bench-ironic-'));
    const file = join(folder, 'ironic.conf');
    writeFileSync(file, configuration(place, database), { mode: 0o600 });
    const ironic = new Ironic(database, folder, new Child(PYTHON, [PROGRAM, file], {}), signal);
    try {
      await promisify(execFile)(PYTHON, ['-c', DBSYNC, '--config-file', file, 'create_schema'], { signal });
      await ironic.child.next(signal);
      return ironic;
    } catch (error) {
      await ironic.stop();
      throw error;
    }
  }

  async enrol({ uuid, name, ports, vifs }: BenchNode): Promise<void> {
    await this.#ask({ do: 'create_node', node: uuid, name, ports });
    for (const [index, vif] of vifs.entries()) {
      await this.#ask({ do: 'attach_vif', node: uuid, port: ports[index]?.uuid, vif });
    }
  }

  /** Of the method alone: neither taking the node's lock nor building its task is counted. */
  async perform(method: MethodName, { uuid }: BenchNode): Promise<number> {
    const { seconds } = await this.#ask({ do: 'perform', node: uuid, method });
    if (typeof seconds !== 'number') throw this.child.failure(`did not say how long ${method} took`);
    return seconds;
  }

  async stop(): Promise<void> {
    await this.child.stop();
    await this.database.drop();
    rmSync(this.folder, { recursive: true });
  }

  #ask(request: object): Promise<Record<string, unknown>> {
    this.child.send(JSON.stringify(request));
    return this.child.next(this.signal);
  }
}

/** An ironic.conf: every interface but the network's does nothing. */
function configuration(place: Place, { connection }: TestDatabase): string {
  const idle = 'bios boot console deploy inspect management power raid rescue vendor'.split(' ');
  return `
[DEFAULT]
auth_strategy = noauth
host = bench
use_stderr = true
enabled_hardware_types = fake-hardware
enabled_network_interfaces = neutron
default_network_interface = neutron
enabled_storage_interfaces = noop
${idle.map((name) => `enabled_${name}_interfaces = fake`).join('\n')}

[database]
connection = ${connection.replace(/^mysql:/, 'mysql+pymysql:')}

[neutron]
auth_type = none
endpoint_override = ${place.endpoint}
cleaning_network = ${place.cleaningNetwork}
provisioning_network = ${place.provisioningNetwork}
`;
}
