import type { Config } from '../../config/load.js';
import type { NetworkType } from '../../contract/methods.js';
import { withRecords } from '../../services/database-access.js';
import { loadBindings } from '../../state/index.js';
import { nodesOf } from '../input/node-argument.js';
import { bindingRecordTable } from '../output/node-view.js';
import { firstPage, outputOf, type OutputOptions, print, tellMore } from '../output/output.js';

export interface BindingListOptions extends OutputOptions {
  node?: string;
  networkType?: NetworkType;
  host?: string;
  provider?: string;
  limit: number;
  marker?: number;
}

/** Prints a page of the existing bindings. */
export async function listBindings(config: Config, options: BindingListOptions): Promise<void> {
  const { node, limit, marker = null, ...given } = options;
  const found = await withRecords(config, async (manager) => {
    const filter = { ...given, nodes: await nodesOf(manager, node) };
    return loadBindings(manager, filter, { marker, limit: limit + 1 });
  });
  const { page: bindings, next } = firstPage(found, limit, ({ id }) => id);
  print(outputOf(options), { bindings, next_marker: next }, () => bindingRecordTable(bindings));
  tellMore(next, options);
}
