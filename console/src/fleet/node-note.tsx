import { StateMark } from '../look/state-mark.js';
import { Ago } from '../look/time.js';
import { methodText, TEXTS } from '../texts.js';
import { columnName, type FleetNode } from './fleet-node.js';
import { NetworkLabel } from './network-label.js';

/** What the board says of the node under the cursor. */
export function NodeNote({ node, style }: { node: FleetNode; style: Record<string, string> }) {
  const { place, label, state, columns, since } = node;
  const { latest, conductor } = place;
  const { kind, network } = columnName(columns[0] ?? '');
  return (
    <div class="note" style={style}>
      <p class="note-title">
        <StateMark state={state} /> <strong>{label}</strong>
      </p>
      <p>
        {TEXTS.states[state]} · {kind} {network === null ? null : <NetworkLabel id={network} />}
        {since === null ? null : (
          <>
            {' · '}
            <Ago time={since} />
          </>
        )}
      </p>
      {latest === null ? null : (
        <p>
          {methodText(latest.method)}, {TEXTS.operation.statuses[latest.status].toLowerCase()},{' '}
          <Ago time={latest.finished_at ?? latest.started_at} />
        </p>
      )}
      {state !== 'differs' || place.differs_at === null ? null : (
        <p>
          {TEXTS.stateMeanings.differs}, {TEXTS.fleet.found} <Ago time={place.differs_at} />
        </p>
      )}
      {latest?.last_error ? <p class="error-text">{latest.last_error}</p> : null}
      {conductor === null ? null : <p class="quiet">{conductor}</p>}
    </div>
  );
}
