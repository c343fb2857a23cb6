import { bulkhead } from 'cockatiel';
import type { DataSource } from 'typeorm';

import { addSides } from '../../adoption/compare-sides.js';
import type { CallOptions } from '../../client/client-options.js';
import type { NetworkProviderClient } from '../../client/network-provider-client.js';
import type { Config } from '../../config/load.js';
import type { Finding } from '../../contract/types.js';
import { componentLogger } from '../../log/log.js';
import { NeutronClient } from '../../neutron/client.js';
import { OpenStackError } from '../../openstack/errors.js';
import { BUILT_IN, ProviderRegistry } from '../../providers/provider-registry.js';
import { notedDifferences } from '../../recovery/differences.js';
import { quietLogger, withClient } from '../../services/connect.js';
import { databaseOf, reaching } from '../../services/database-access.js';
import { EXIT, UsageError } from '../../services/errors.js';
import { assertSchemaCurrent, countNodes, type NodeScope, pageOfNodes } from '../../state/index.js';
import { explain, NeutronUnreadable } from '../exit.js';
import { confirm, ProgressLine, sayUnserved } from '../output/ask.js';
import { counted, outputOf, type OutputOptions, print } from '../output/output.js';
import { differenceTable, type ReconcileOutcome, type Report, reportToJson, totals } from '../output/reconcile-view.js';
import { compareAgain, compareWithIronic } from './ironic-side.js';

/** Most nodes that are repaired at the same time. */
const REPAIRS = 16;
/** Most nodes that are shown before the operator must confirm. */
const SHOWN = 20;

export interface ReconcileOptions extends OutputOptions {
  node?: string[];
  host?: string[];
  all?: boolean;
  fix?: boolean;
  yes?: boolean;
  timeout?: number;
}

/** Compares nodes, repairs them with --fix, prints the result, and sets the exit code. */
export async function runReconcile(config: Config, options: ReconcileOptions): Promise<void> {
  const { fix = false, yes = false } = options;
  const scope = { nodes: options.node, hosts: options.host };
  const report = await compareAll(config, scope);
  let sides = await compareWithIronic(config, scope);
  let code: number = EXIT.ok;
  if (fix && report.outcomes.length > 0) {
    if (!yes && !(await confirmed(report))) {
      process.stderr.write('nothing was changed\n');
      process.exitCode = EXIT.failed;
      return;
    }
    code = await repairAll(config, report, options.timeout ?? config.rpc_response_timeout);
    // What was repaired may be what differed from Ironic.
    sides = sides && (await compareAgain(config, sides, report.outcomes));
  }
  report.inIronic = sides?.compared ?? null;
  // No worker repairs what differs from Ironic.
  if (sides !== null) addSides(report.outcomes, sides, (one) => ({ ...one, moving: false, error: null }));
  const right = report.outcomes.every(({ findings, error }) => error === null && findings.every(isRepaired));
  const text = (): string => [...differenceTable(report.outcomes), totals(report)].join('\n');
  print(outputOf(options), reportToJson(report), text);
  process.exitCode = code === EXIT.ok && !right ? EXIT.different : code;
}

function isRepaired({ repaired }: Finding): boolean {
  return repaired;
}

/**
 * @throws NeutronUnreadable, DatabaseUnreachable; UsageError when the scope names a node that is not in the database,
 *   or a host without nodes there
 */
async function compareAll(config: Config, scope: NodeScope): Promise<Report> {
  const dataSource = await databaseOf(config);
  const neutron = new NeutronClient(config.neutron);
  const progress = new ProgressLine('nodes compared');
  try {
    return await reaching(async () => {
      await assertSchemaCurrent(dataSource);
      await assertKnown(dataSource, scope);
      const providers = new ProviderRegistry({
        known: BUILT_IN,
        plugins: config.providers,
        defaultProvider: config.default_network_provider,
        services: { log: componentLogger(quietLogger(config), 'providers'), neutron, options: config },
      });
      const report: Report = { nodes: 0, done: 0, notCompared: 0, inIronic: null, outcomes: [] };
      const found = notedDifferences(scope, {
        dataSource,
        providers,
        defaultNetworkProvider: config.default_network_provider,
        signal: new AbortController().signal,
        onProgress: (compared) => {
          Object.assign(report, compared);
          progress.tell(compared.done, compared.nodes);
        },
      });
      for await (const group of found) report.outcomes.push(...group.map((one) => ({ ...one, error: null })));
      return report;
    });
  } catch (error) {
    throw error instanceof Error && error.cause instanceof OpenStackError ? new NeutronUnreadable(error) : error;
  } finally {
    progress.end();
    await neutron.close();
    await dataSource.destroy();
  }
}

async function assertKnown({ manager }: DataSource, { nodes, hosts }: NodeScope): Promise<void> {
  const wanted = [...new Set(nodes ?? [])];
  const known = new Set(await pageOfNodes(manager, { nodes: wanted }, '', wanted.length + 1));
  const missing = wanted.filter((uuid) => !known.has(uuid));
  if (missing.length > 0) {
    throw new UsageError(`not on record: ${missing.join(', ')}; a node is recorded at its first operation`);
  }
  for (const host of hosts ?? []) {
    if ((await countNodes(manager, { hosts: [host] })) > 0) continue;
    throw new UsageError(`no node on record has conductor host "${host}": correct --host`);
  }
}

function confirmed({ outcomes }: Report): Promise<boolean> {
  const shown = outcomes.slice(0, SHOWN);
  const more = outcomes.length > SHOWN ? [`and ${outcomes.length - SHOWN} more nodes`] : [];
  process.stderr.write(`${[...differenceTable(shown), ...more].join('\n')}\n`);
  return confirm(`repair ${counted(outcomes.length, 'node')}?`);
}

/**
 * Asks the worker of each node to compare it again and repair it. The worker does so in the node's lane, in order with
 * its other operations.
 *
 * @returns the exit code: unreachable when a worker could not be reached
 */
async function repairAll(config: Config, report: Report, timeout: number): Promise<number> {
  const unserved = saysOnce(timeout);
  const progress = new ProgressLine('nodes repaired');
  const turns = bulkhead(REPAIRS, Infinity);
  let done = 0;
  let code: number = EXIT.ok;
  await withClient(config, {}, (client) =>
    Promise.all(
      report.outcomes.map((outcome) =>
        turns.execute(async () => {
          try {
            outcome.findings = await repair(client, outcome, { timeout, onUnserved: unserved(outcome.host) });
          } catch (error) {
            const why = explain(error);
            outcome.error = why.message;
            if (why.code === EXIT.unreachable) code = EXIT.unreachable;
          }
          progress.tell(++done, report.outcomes.length);
        }),
      ),
    ),
  );
  progress.end();
  for (const { node, error } of report.outcomes) {
    if (error !== null) process.stderr.write(`netprov: node ${node} was not repaired: ${error}\n`);
  }
  return code;
}

/** Reports that no worker serves a host, once for each host, however many nodes it has. */
function saysOnce(timeout: number): (host: string | null) => (waiting: number) => void {
  const said = new Set<string | null>();
  return (host) => (waiting) => {
    if (said.has(host)) return;
    said.add(host);
    sayUnserved(host ?? undefined, timeout)(waiting);
  };
}

async function repair(
  client: NetworkProviderClient,
  { node, host }: ReconcileOutcome,
  options: Pick<CallOptions, 'timeout' | 'onUnserved'>,
): Promise<Finding[]> {
  const asked = { nodeId: node, host: host ?? undefined, args: { fix: true }, ...options };
  return (await client.call('reconcile', asked)).findings ?? [];
}
