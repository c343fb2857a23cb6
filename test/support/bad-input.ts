import { readFileSync } from 'node:fs';

import { BASE_METHOD_NAMES, type BaseMethodName } from '../../src/contract/methods.js';
import type { NetworkProvider, ProviderOutcome } from '../../src/providers/provider.js';
import { nothingDone } from './worker.js';

/** First cells of the rows of docs/wire-protocol.md, "What becomes of bad input". */
export function documentedRows(): string[] {
  const text = readFileSync(new URL('../../../docs/wire-protocol.md', import.meta.url), 'utf8');
  const section = text.slice(text.indexOf('## What becomes of bad input'));
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((line) => (line.split('|')[1] ?? '').trim());
}

/** Rows that need a Neutron: tested in test/interop/bad-network.test.ts, the others in test/integration. */
export const NETWORK_ROWS = [
  'a task without ports, provider `neutron`',
  'a network that does not exist',
  'a network that exists twice',
];

/** A provider that has the methods of version 1.0 alone. */
export const bareProvider = (): Promise<{ default: () => NetworkProvider }> => {
  const done = (): Promise<ProviderOutcome> => Promise.resolve(nothingDone);
  const methods = Object.fromEntries(BASE_METHOD_NAMES.map((name) => [name, done]));
  return Promise.resolve({ default: () => methods as Record<BaseMethodName, typeof done> });
};
