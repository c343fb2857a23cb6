import { writeFile } from 'node:fs/promises';

import { commandReference } from './cli.js';

await writeFile(new URL('../../../docs/cli.md', import.meta.url), await commandReference());
