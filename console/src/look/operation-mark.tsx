import type { OperationSummary } from '../api/types.js';
import { TEXTS } from '../texts.js';
import { type NodeState, StateMark } from './state-mark.js';

/** Whether a running operation was begun before, or waits for Neutron. */
export function isRetried({ status, attempts, last_error }: OperationSummary): boolean {
  return status === 'running' && (attempts > 1 || last_error !== null);
}

/** The state that an operation brings its node into. */
export function stateAfter(operation: OperationSummary): NodeState {
  if (operation.status === 'running') return isRetried(operation) ? 'retrying' : 'moving';
  return operation.status === 'failed' ? 'failed' : 'steady';
}

/** The mark and the name of an operation's status. */
export function OperationStatus({ operation }: { operation: OperationSummary }) {
  const state = stateAfter(operation);
  return (
    <span class="status">
      <StateMark state={state} />{' '}
      {state === 'retrying' ? TEXTS.states.retrying : TEXTS.operation.statuses[operation.status]}
    </span>
  );
}
