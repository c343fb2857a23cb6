import type { Health, HealthFinding } from '../api/types.js';
import { type NodeState, StateMark } from '../look/state-mark.js';
import { Ago } from '../look/time.js';
import { TEXTS } from '../texts.js';

type Status = HealthFinding['status'];

/** The worst first. */
const ORDER: readonly Status[] = ['problem', 'warning', 'ok'];
const MARKS: Readonly<Record<Status, NodeState>> = { problem: 'failed', warning: 'retrying', ok: 'steady' };

/** What netprov doctor finds. What is well is folded away. */
export function Findings({ health: { checked_at, counts, findings } }: { health: Health }) {
  const wrong = ORDER.slice(0, 2).flatMap((status) => findings.filter((one) => one.status === status));
  const well = findings.filter(({ status }) => status === 'ok');
  return (
    <>
      <p>
        {ORDER.map((status) => (
          <span key={status} class="tally">
            <StateMark state={MARKS[status]} /> <b>{counts[status]}</b> {TEXTS.health.statuses[status]}
          </span>
        ))}
        <span class="quiet">
          {TEXTS.health.checked} <Ago time={checked_at} />
        </span>
      </p>
      <ul class="findings">
        {wrong.map((one) => (
          <Finding key={`${one.check}${one.what}`} finding={one} />
        ))}
      </ul>
      {well.length === 0 ? null : (
        <details>
          <summary>{TEXTS.health.well(well.length)}</summary>
          <ul class="findings">
            {well.map((one) => (
              <Finding key={`${one.check}${one.what}`} finding={one} />
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function Finding({ finding: { check, status, what, remedy } }: { finding: HealthFinding }) {
  return (
    <li>
      <StateMark state={MARKS[status]} />
      <div>
        <code>{check}</code> <span class="sr">{TEXTS.health.statuses[status]}</span>
        <p>{what}</p>
        {remedy === null ? null : (
          <p>
            <strong>{TEXTS.health.remedy}</strong> {remedy}
          </p>
        )}
      </div>
    </li>
  );
}
