import type { DataSource } from 'typeorm';

import { type AdoptionReport, adoptNodes } from '../../adoption/adopt-nodes.js';
import { type Config, ConfigurationError } from '../../config/load.js';
import { unknownProvider } from '../../contract/network-interface.js';
import { IronicClient } from '../../ironic/client.js';
import { NeutronClient } from '../../neutron/client.js';
import { OpenStackError } from '../../openstack/errors.js';
import { BUILT_IN } from '../../providers/provider-registry.js';
import { withRecords } from '../../services/database-access.js';
import { EXIT, UsageError } from '../../services/errors.js';
import { AdoptionFailed } from '../exit.js';
import { adoptionTable, adoptionToJson, adoptionTotals } from '../output/adopt-view.js';
import { confirm, ProgressLine } from '../output/ask.js';
import { counted, outputOf, type OutputOptions, print } from '../output/output.js';

/** Most nodes that are shown before the operator must confirm. */
const SHOWN = 20;

export interface AdoptOptions extends OutputOptions {
  node?: string[];
  host?: string[];
  all?: boolean;
  networkProvider?: string;
  apply?: boolean;
  yes?: boolean;
}

/** Compares nodes, puts them on record with --apply, prints the result, and sets the exit code. */
export async function runAdopt(config: Config, options: AdoptOptions): Promise<void> {
  const { apply = false, yes = false } = options;
  const known = [...Object.keys(BUILT_IN), ...Object.keys(config.providers)];
  const { networkProvider = null } = options;
  if (networkProvider !== null && !known.includes(networkProvider)) {
    throw new UsageError(unknownProvider('--network-provider', networkProvider, known));
  }
  assertConfigured(config);
  const report = await withServices(config, async (dataSource, ironic, neutron) => {
    await assertKnown(ironic, options.node ?? []);
    const adopt = async (store: boolean): Promise<AdoptionReport> => {
      const progress = new ProgressLine(store ? 'nodes adopted or left' : 'nodes compared');
      const scope = { nodes: options.node, hosts: options.host };
      const rules = { provider: networkProvider, known, defaultProvider: config.default_network_provider };
      try {
        return await adoptNodes(scope, { dataSource, ironic, neutron, rules, store, onProgress: progress.tell });
      } finally {
        progress.end();
      }
    };
    if (!apply || yes) return adopt(apply);
    const planned = await adopt(false);
    if (!planned.outcomes.some(({ outcome }) => outcome === 'pending')) return planned;
    return (await confirmed(planned)) ? adopt(true) : null;
  });
  if (report === null) {
    process.stderr.write('nothing was changed\n');
    process.exitCode = EXIT.failed;
    return;
  }
  if (options.host !== undefined && report.nodes === 0) {
    throw new UsageError(`no node in Ironic has conductor ${options.host.join(' or ')}: correct --host`);
  }
  print(outputOf(options), adoptionToJson(report), () =>
    [...adoptionTable(report.outcomes), adoptionTotals(report)].join('\n'),
  );
  const right = report.outcomes.every(({ outcome }) => outcome === 'adopted');
  process.exitCode = right ? EXIT.ok : EXIT.different;
}

/** @throws ConfigurationError when no option says where Ironic or Neutron is */
function assertConfigured(config: Config): void {
  const missing = (['ironic', 'neutron'] as const).filter(
    (section) => config[section].auth_type === 'none' && config[section].endpoint_override === null,
  );
  if (missing.length === 0) return;
  throw new ConfigurationError(
    missing.map(
      (section) => `${section}.endpoint_override is not set: give its URL, or Keystone's (${section}.auth_type)`,
    ),
  );
}

/** @throws AdoptionFailed, DatabaseUnreachable, and what the work throws */
async function withServices<T>(
  config: Config,
  work: (dataSource: DataSource, ironic: IronicClient, neutron: NeutronClient) => Promise<T>,
): Promise<T> {
  const ironic = new IronicClient(config.ironic);
  const neutron = new NeutronClient(config.neutron);
  try {
    return await withRecords(config, (_, dataSource) => work(dataSource, ironic, neutron));
  } catch (error) {
    throw error instanceof OpenStackError ? new AdoptionFailed(error) : error;
  } finally {
    await ironic.close();
    await neutron.close();
  }
}

/** @throws UsageError when Ironic does not know one of the nodes */
async function assertKnown(ironic: IronicClient, uuids: readonly string[]): Promise<void> {
  const missing: string[] = [];
  for (const uuid of new Set(uuids)) if ((await ironic.node(uuid)) === null) missing.push(uuid);
  if (missing.length > 0) throw new UsageError(`Ironic has no node ${missing.join(', ')}: correct --node`);
}

function confirmed({ outcomes }: AdoptionReport): Promise<boolean> {
  const pending = outcomes.filter(({ outcome }) => outcome === 'pending');
  const more = pending.length > SHOWN ? [`and ${pending.length - SHOWN} more nodes`] : [];
  process.stderr.write(`${[...adoptionTable(pending.slice(0, SHOWN)), ...more].join('\n')}\n`);
  return confirm(`put ${counted(pending.length, 'node')} on record?`);
}
