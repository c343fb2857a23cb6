import { existsSync } from 'node:fs';

import { format, resolveConfig } from 'prettier';

import { readReport } from '../../../bench/all/all.js';
import type { Measured } from './plots.js';
import { sections } from './tables.js';

/** The folder of the reports and plots that the page shows. */
export const PERFORMANCE = new URL('../../../../docs/performance/', import.meta.url);

/** Reads docs/performance/now.json, and before.json if there is one. */
export function readMeasured(): Measured {
  const before = new URL('before.json', PERFORMANCE);
  return { now: readReport(new URL('now.json', PERFORMANCE)), before: existsSync(before) ? readReport(before) : null };
}

/**
 * docs/performance.md with fresh tables. A table stands between `<!-- measured: NAME -->` and `<!-- end -->`; all other
 * text stays as it is.
 */
export async function performancePage(page: string, measured: Measured): Promise<string> {
  const parts = sections(measured);
  const text = page.replaceAll(
    /(<!-- measured: (\w+) -->\n).*?(\n?<!-- end -->)/gs,
    (_, begin: string, name: string) => `${begin}\n${parts[name] ?? 'Not measured yet.'}\n\n<!-- end -->`,
  );
  return format(text, { ...(await resolveConfig(import.meta.filename)), parser: 'markdown', proseWrap: 'always' });
}
