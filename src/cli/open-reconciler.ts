import type { Config } from '../config.js';
import { Reconciler, type ReconcilerParts } from '../worker/reconciler.js';
import { withClient } from './context.js';

/** Starts the periodic comparison that the configuration asks for. Answers with what stops it. */
export function openReconciler(config: Config, parts: Omit<ReconcilerParts, 'cast'>): () => Promise<void> {
  const { interval, fix } = config.reconcile;
  if (interval === 0) return () => Promise.resolve();
  const options = { interval: interval * 1000, fix, defaultNetworkProvider: config.default_network_provider };
  const reconciler = new Reconciler(options, {
    ...parts,
    // Something differs seldom: no connection is kept for it.
    cast: (nodes) =>
      withClient(config, {}, async (client) => {
        for (const { node, host } of nodes) {
          await client.cast('reconcile', { nodeId: node, host: host ?? undefined, args: { fix: true } });
        }
      }),
  });
  reconciler.start();
  return () => reconciler.stop();
}
