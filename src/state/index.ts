export {
  ACTION_KINDS,
  ACTION_STATUSES,
  beginAction,
  endAction,
  listActions,
  loadAction,
  tellProgress,
  type ActionKind,
  type NewAction,
  type OperatorAction,
} from './action-store.js';
export { saveAdopted, type AdoptedNode } from './adoption-store.js';
export {
  loadBindings,
  whereabouts,
  type BindingFilter,
  type BindingRecord,
  type Whereabouts,
} from './binding-queries.js';
export { openDatabase, type DatabaseOptions } from './data-source.js';
export {
  activityOf,
  countNodes,
  nodesFoundToDiffer,
  listNetworks,
  loadRecords,
  loadTenancies,
  nodesNamed,
  noteComparisons,
  pageOfNodes,
  type Activity,
  type NodeScope,
  type NodeWithTask,
  type Tenancy,
} from './fleet.js';
export { OPERATION_STATUSES, type OperationStatus } from '../contract/result.js';
export { databaseTime, loadEnded, loadRunning, type EndPlace } from './operation-changes.js';
export {
  listOperations,
  loadOperation,
  type OperationDetail,
  type OperationFilter,
  type OperationSummary,
} from './operation-queries.js';
export { NodeRow } from './entities/node.js';
export { PortBindingRow } from './entities/port-binding.js';
export { PortRow } from './entities/port.js';
export { PortgroupRow } from './entities/portgroup.js';
export {
  EpochLost,
  isDuplicate,
  isLockConflict,
  isTransientDatabaseError,
  MarkerNotFound,
  NodeChanged,
  RowTooLarge,
  SchemaBehind,
} from './errors.js';
export {
  assertWritable,
  insertRow,
  runningOperation,
  runningOperations,
  type RunningOperation,
  saveDigest,
  updateRow,
} from './node-version.js';
export type { NodePlace, StoredBinding, StoredNode } from './node-store.js';
export type { EarlierBegins, OperationBegin, OperationEnd, OperationStart, PastEnd } from './operation-store.js';
export { countOverdue, type OwedResult, type WhichEnd } from './owed-store.js';
export { operationSeries } from './operation-series.js';
export { OwnershipStore, type Fence, type Peer, type WorkerRecord } from './ownership-store.js';
export { ofProject, pageOf, type PageQuery } from './page.js';
export { loadEnds, type Ended, type Replay } from './replay-store.js';
export { readBoolean, readJson } from './rows.js';
export { assertSchemaCurrent, downgrade, schemaStatus, upgrade, type MigrationStatus } from './schema.js';
export { State, type LookUpResult } from './state.js';
export { KEPT, recordOf, type TaskRecord } from './task-record.js';
export type { VifClaim, VifHolder } from './vif-store.js';
export { listWhereabouts, type NodeWhereabouts, type WhereaboutsFilter } from './whereabouts-list.js';
export { listQueueOwners, listWorkers, type QueueOwner, type WorkerSummary } from './worker-queries.js';
