export { openDatabase, type DatabaseOptions } from './data-source.js';
export { isTransientDatabaseError, SchemaBehind } from './errors.js';
export { recordOf, type StoredBinding, type StoredNode, type TaskRecord } from './node-store.js';
export type { OperationEnd, OperationStart } from './operation-store.js';
export { assertSchemaCurrent, downgrade, schemaStatus, upgrade, type MigrationStatus } from './schema.js';
export { State, type Known } from './state.js';
