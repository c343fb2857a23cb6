import { readFile, writeFile } from 'node:fs/promises';

import { apiReference } from './api.js';
import { commandReference } from './cli.js';
import { compatibilityPage, readmePage } from './compatibility.js';
import { defaultsFile, variablesFile } from './config.js';
import { consoleTypes } from './console-types.js';
import { errorReference } from './errors.js';
import { PERFORMANCE, performancePage, readMeasured } from './performance/page.js';
import { plots } from './performance/plots.js';

await writeFile(new URL('../../../docs/cli.md', import.meta.url), await commandReference());
await writeFile(new URL('../../../docs/errors.md', import.meta.url), await errorReference());
await writeFile(new URL('../../../docs/api.md', import.meta.url), await apiReference());
await writeFile(new URL('../../../console/src/api/generated.ts', import.meta.url), await consoleTypes());
await writeFile(new URL('../../../docs/compatibility.md', import.meta.url), await compatibilityPage());
const readme = new URL('../../../README.md', import.meta.url);
await writeFile(readme, await readmePage(await readFile(readme, 'utf8')));
await writeFile(new URL('../../../config/default.yaml', import.meta.url), await defaultsFile());
await writeFile(new URL('../../../config/custom-environment-variables.yaml', import.meta.url), await variablesFile());

const measured = readMeasured();
const performance = new URL('../../../docs/performance.md', import.meta.url);
await writeFile(performance, await performancePage(await readFile(performance, 'utf8'), measured));
for (const [name, svg] of Object.entries(await plots(measured))) await writeFile(new URL(name, PERFORMANCE), svg);
