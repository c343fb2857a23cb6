import { bulkhead } from 'cockatiel';
import type { DataSource } from 'typeorm';

import { addSides, type SideParts } from '../adoption/compare-sides.js';
import { ApiError } from '../api/http/errors.js';
import type { ActionContext, ReconciliationWanted, ReplayWanted } from '../api/operators/tools.js';
import { errorText } from '../async/error-text.js';
import { within } from '../async/within.js';
import type { NetworkProviderClient } from '../client/network-provider-client.js';
import type { Config } from '../config/load.js';
import type { Logger } from '../log/log.js';
import { type ComparisonParts, type NodeDifference, notedDifferences } from '../recovery/differences.js';
import { Journal } from '../recovery/journal-reader.js';
import { noteEnds, replay } from '../recovery/replay-messages.js';
import { type Decision, planReplay, replayFilter } from '../recovery/replay-plan.js';
import { planToJson, replayedToJson } from '../recovery/replay-report.js';
import { createJsonCodec } from '../rpc/index.js';
import type { NodeScope } from '../state/index.js';
import { connectionOptions } from './connect.js';
import { findSides } from './ironic-access.js';

/** Most entries, or nodes, that a report lists. */
const LISTED = 1000;
/** Most nodes that are repaired at the same time. */
const REPAIRS = 16;

export interface RecoveryParts {
  config: Config;
  dataSource: DataSource;
  client: Pick<NetworkProviderClient, 'call'>;
  providers: ComparisonParts['providers'];
  neutron: SideParts['neutron'];
  /** Null: the configuration does not say where Ironic is. */
  ironic: SideParts['ironic'] | null;
  log: Logger;
}

/** Plans a replay of the journal, and carries it out if it is not only a trial. Returns the report. */
export async function replayJournal(
  { config, dataSource, log }: RecoveryParts,
  wanted: ReplayWanted,
  isTrial: boolean,
  { tell, signal }: ActionContext,
): Promise<object> {
  if (!config.journal.enabled) throw new ApiError(409, 'There is no journal: journal.enabled is false.');
  const maxMessageBytes = config.rpc.max_message_bytes;
  const reading = { jsonCodec: createJsonCodec({ maxBytes: maxMessageBytes }), maxMessageBytes };
  const connection = connectionOptions(config, 'netprov api replay', log);
  const journal = await Journal.open({
    ...reading,
    topic: config.rpc.topic,
    maxAge: config.journal.max_age,
    connection,
  });
  try {
    const planned = planOf(journal, config, dataSource, wanted);
    const plan = await within(signal, planned, () => {
      throw signal.reason;
    });
    const chosen = plan.filter(({ skip }) => skip === null);
    await journal.assertQueues([...new Set(chosen.flatMap(({ entry }) => entry.queue ?? []))]);
    if (isTrial) return { dry_run: true, ...planToJson(shownFirst(plan), LISTED) };
    const onProgress = (done: number, total: number): void => {
      tell({ done, total });
    };
    const replayed = await replay(journal, chosen, { ...reading, rate: wanted.rate, signal, onProgress });
    const problem = replayed.error === null ? null : errorText(replayed.error);
    return { dry_run: false, ...planToJson(shownFirst(plan), LISTED), ...replayedToJson(replayed), problem };
  } finally {
    await journal.close();
  }
}

/** Entries that are replayed come first, because a report lists only some. */
function shownFirst(plan: readonly Decision[]): Decision[] {
  return [...plan.filter(({ skip }) => skip === null), ...plan.filter(({ skip }) => skip !== null)];
}

async function planOf(
  journal: Journal,
  { rpc }: Config,
  { manager }: DataSource,
  { from, to, conductor, node, method, ...options }: ReplayWanted,
): Promise<Decision[]> {
  const { entries, end, oldest } = await journal.survey({ from, to }, () => undefined);
  await noteEnds(entries, manager, () => undefined);
  return planReplay(entries, {
    ...options,
    end,
    oldest,
    filter: replayFilter({ host: conductor, node, method }, rpc.topic),
  });
}

/** What became of a node that differed. */
interface Reconciled extends NodeDifference {
  /** Why it was not repaired; null: it was, or that was not asked for. */
  error: string | null;
}

/**
 * Compares nodes with Neutron, and has their workers repair them if it is not only a trial. Then it compares them with
 * Ironic too, if the configuration says where Ironic is. Returns the report.
 */
export async function reconcileNodes(
  parts: RecoveryParts,
  { nodes, conductors }: ReconciliationWanted,
  isTrial: boolean,
  context: ActionContext,
): Promise<object> {
  const { config, dataSource, providers } = parts;
  const scope: NodeScope = { nodes, hosts: conductors };
  const report = { nodes: 0, compared: 0, not_compared: 0 };
  const found = notedDifferences(scope, {
    dataSource,
    providers,
    defaultNetworkProvider: config.default_network_provider,
    signal: context.signal,
    onProgress: ({ nodes: total, done, notCompared }) => {
      Object.assign(report, { nodes: total, compared: done - notCompared, not_compared: notCompared });
      context.tell({ done, total });
    },
  });
  const outcomes: Reconciled[] = [];
  for await (const group of found) outcomes.push(...group.map((one) => ({ ...one, error: null })));
  if (!isTrial) await repairAll(parts, outcomes, context);
  const repairable = outcomes.length;
  const { sides, error } = await findSides(scope, parts);
  if (sides !== null) addSides(outcomes, sides, (one) => ({ ...one, moving: false, error: null }));
  const compared = { compared_with_ironic: sides?.compared ?? null, ironic_error: error };
  const differing = outcomes.slice(0, LISTED);
  return { dry_run: isTrial, ...report, ...compared, differences: differing, differing: outcomes.length, repairable };
}

/** The workers compare and repair the nodes, each in order with the node's other operations. */
async function repairAll(
  { client, config }: RecoveryParts,
  outcomes: readonly Reconciled[],
  { tell, signal, requestId }: ActionContext,
): Promise<void> {
  const turns = bulkhead(REPAIRS, Infinity);
  let done = 0;
  const repair = async (outcome: Reconciled): Promise<void> => {
    const { node: nodeId, host } = outcome;
    try {
      signal.throwIfAborted();
      const options = { timeout: config.rpc_response_timeout, context: { request_id: requestId } };
      const asked = { nodeId, host: host ?? undefined, args: { fix: true }, served: true, ...options };
      outcome.findings = (await client.call('reconcile', asked)).findings ?? [];
    } catch (error) {
      outcome.error = errorText(error);
    }
    tell({ done: ++done, total: outcomes.length });
  };
  await Promise.all(outcomes.map((outcome) => turns.execute(() => repair(outcome))));
}
