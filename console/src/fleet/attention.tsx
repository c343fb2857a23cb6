import { urlOf } from '../address.js';
import { now } from '../look/clock.js';
import { Link } from '../look/link.js';
import { NODE_STATES, StateMark } from '../look/state-mark.js';
import { Ago } from '../look/time.js';
import { methodText, TEXTS } from '../texts.js';
import type { FleetNode } from './fleet-node.js';

/** Milliseconds after which a change that has not ended is worth a look. */
const SLOW = 120_000;
/** Nodes that are listed. */
const MOST = 40;

/** What is stuck: failed nodes first, then those that differ, are retried, or move for long. */
export function Attention({ nodes }: { nodes: readonly FleetNode[] }) {
  const at = now.value;
  const stuck = nodes.filter((node) => isStuck(node, at)).sort(byUrgency);
  return (
    <aside class="attention" aria-labelledby="attention">
      <h2 id="attention">
        {TEXTS.fleet.attention} {stuck.length === 0 ? null : <span class="count">{stuck.length}</span>}
      </h2>
      {stuck.length === 0 ? <p class="quiet">{TEXTS.fleet.calm}</p> : null}
      <ul>
        {stuck.slice(0, MOST).map((node) => (
          <Stuck key={node.id} node={node} />
        ))}
      </ul>
      {stuck.length > MOST ? <p class="quiet">{TEXTS.fleet.more(stuck.length - MOST)}</p> : null}
    </aside>
  );
}

function Stuck({ node: { id, label, state, place } }: { node: FleetNode }) {
  const { latest } = place;
  return (
    <li class={`stuck stuck-${state}`}>
      <StateMark state={state} named />
      <div>
        <Link href={urlOf(['nodes', id])}>{label}</Link>
        {latest === null ? null : (
          <span class="quiet">
            {' '}
            {methodText(latest.method)} · <Ago time={latest.finished_at ?? latest.started_at} />
          </span>
        )}
        {latest?.last_error ? <p class="error-text">{latest.last_error}</p> : null}
        {state === 'differs' ? (
          <p class="quiet">
            {TEXTS.stateMeanings.differs}
            {place.differs_at === null ? null : (
              <>
                {', '}
                {TEXTS.fleet.found} <Ago time={place.differs_at} />
              </>
            )}
          </p>
        ) : null}
      </div>
    </li>
  );
}

function isStuck({ state, place: { latest } }: FleetNode, at: number): boolean {
  if (state === 'steady') return false;
  return state !== 'moving' || (latest !== null && at - Date.parse(latest.started_at) > SLOW);
}

/** The worst state first, and in a state the longest. */
function byUrgency(one: FleetNode, other: FleetNode): number {
  const rank = NODE_STATES.indexOf(other.state) - NODE_STATES.indexOf(one.state);
  return rank || (one.place.latest?.started_at ?? '').localeCompare(other.place.latest?.started_at ?? '');
}
