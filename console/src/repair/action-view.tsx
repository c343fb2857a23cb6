import type { Action } from '../api/types.js';
import { StateMark } from '../look/state-mark.js';
import { TEXTS } from '../texts.js';
import { ReconciliationReport } from './reconciliation-report.js';
import { ReplayReport } from './replay-report.js';
import { readReconciliation, readReplay } from './reports.js';

const WORDS = TEXTS.repair;
const MARKS = { running: 'moving', done: 'steady', failed: 'failed', lost: 'failed' } as const;

/** How far an action is, and what came of it. */
export function ActionView({ action }: { action: Action }) {
  const { status, done, total, error, kind, report } = action;
  return (
    <div class="outcome">
      <p role="status">
        <StateMark state={MARKS[status]} /> {WORDS.statuses[status]}
        {total === null ? null : ` · ${WORDS.progress(done, total)}`}
      </p>
      {status === 'running' ? (
        <progress aria-label={WORDS.statuses.running} {...(total === null ? {} : { value: done, max: total })} />
      ) : null}
      {error === null ? null : <p class="error-text">{error}</p>}
      {report == null ? null : kind === 'replay' ? (
        <ReplayReport report={readReplay(report)} />
      ) : kind === 'reconciliation' ? (
        <ReconciliationReport report={readReconciliation(report)} />
      ) : (
        <pre tabIndex={0}>{JSON.stringify(report, null, 2)}</pre>
      )}
    </div>
  );
}
