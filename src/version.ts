import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

/** Version of this package. */
export const { version } = createRequire(__filename)('../../package.json') as { version: string };

/** The build writes it, and packages contain it. It is empty where the build found no git repository. */
const COMMIT_FILE = resolve(__dirname, '../commit');

/**
 * The version, and the commit that this build was made of, with "-dirty" if files had been changed since: "0.1.0 (commit
 * 1a2b3c4d5e6f)".
 */
export function versionAndCommit(file = COMMIT_FILE): string {
  const commit = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  return `${version} (${commit === '' ? 'built without git, so its commit is unknown' : `commit ${commit}`})`;
}
