import type { Config } from '../config.js';
import type { NetworkType } from '../contract/methods.js';
import { listOperations, loadOperation, type OperationFilter, type OperationStatus } from '../state/index.js';
import { withRecords } from './database.js';
import { nodesOf } from './node-argument.js';
import { describeOperation, operationTable, operationToJson } from './operation-output.js';
import { outputOf, print, type OutputOptions } from './output.js';
import { pageOf, tellMore } from './page.js';

export interface ListOptions extends OutputOptions {
  node?: string;
  status?: OperationStatus;
  method?: string;
  networkType?: NetworkType;
  host?: string;
  provider?: string;
  requestId?: string;
  since?: Date;
  until?: Date;
  limit: number;
  marker?: string;
}

/** Prints a page of operations. @throws MarkerNotFound */
export async function listOperationsFor(config: Config, options: ListOptions): Promise<void> {
  const { node, limit, marker = null, ...given } = options;
  const found = await withRecords(config, async (manager) => {
    const filter: OperationFilter = { ...given, nodes: await nodesOf(manager, node) };
    return listOperations(manager, filter, { marker, limit: limit + 1 });
  });
  const { page: operations, next } = pageOf(found, limit, ({ id }) => id);
  print(outputOf(options), { operations, next_marker: next }, () => operationTable(operations));
  tellMore(next, options);
}

/** Prints all of an operation. @throws Error when there is none */
export async function showOperation(config: Config, id: string, options: OutputOptions): Promise<void> {
  const operation = await withRecords(config, (manager) => loadOperation(manager, id));
  if (operation === null) {
    throw new Error(
      `no operation on record has the id "${id}": it has not begun, was forgotten (operations.keep), or is a dead letter ` +
        '(netprov dead-letter list)',
    );
  }
  print(outputOf(options), operationToJson(operation), () => describeOperation(operation));
}
