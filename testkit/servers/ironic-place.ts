import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { createDatabase, type TestDatabase } from './database.js';
import { ironicCommand } from './ironic-command.js';
import { PYTHON } from './python.js';

/** Does the same as the command ironic-dbsync, which is not part of the library's package. */
const DBSYNC = ironicCommand('dbsync');

/** The database, the ironic.conf and the folder of an Ironic for one test file or one measurement. */
export class IronicPlace {
  private constructor(
    readonly database: TestDatabase,
    /** What is in it goes with it. */
    readonly folder: string,
    /** The path of the ironic.conf. */
    readonly file: string,
  ) {}

  /** @param sections contents of ironic.conf besides the database and the fake hardware */
  static async make(sections: string, signal: AbortSignal): Promise<IronicPlace> {
    const database = await createDatabase({ migrated: false });
    const folder = mkdtempSync(join(tmpdir(), 'netprov-ironic-'));
    const place = new IronicPlace(database, folder, join(folder, 'ironic.conf'));
    writeFileSync(place.file, configuration(sections, database), { mode: 0o600 });
    try {
      await promisify(execFile)(PYTHON, ['-c', DBSYNC, '--config-file', place.file, 'create_schema'], { signal });
      return place;
    } catch (error) {
      await place.remove();
      throw error;
    }
  }

  async remove(): Promise<void> {
    await this.database.drop();
    rmSync(this.folder, { recursive: true });
  }
}

/**
 * Contents of ironic.conf. All hardware interfaces except the network interface do nothing. `sections` begins within
 * [DEFAULT].
 */
function configuration(sections: string, { connection }: TestDatabase): string {
  const idle = 'bios boot console deploy inspect management power raid rescue vendor'.split(' ');
  return `
[DEFAULT]
auth_strategy = noauth
host = bench
use_stderr = true
enabled_hardware_types = fake-hardware
enabled_storage_interfaces = noop
${idle.map((name) => `enabled_${name}_interfaces = fake`).join('\n')}
${sections}

[database]
connection = ${connection.replace(/^mysql:/, 'mysql+pymysql:')}
`;
}
