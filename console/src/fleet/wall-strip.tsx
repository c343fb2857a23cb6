import { address, urlOf } from '../address.js';
import { liveState } from '../api/live.js';
import { now, timeOfDay } from '../look/clock.js';
import { Link } from '../look/link.js';
import { Live } from '../look/live-mark.js';
import { NODE_STATES, StateMark } from '../look/state-mark.js';
import { TEXTS } from '../texts.js';
import { countByState } from './filter.js';
import type { FleetNode } from './fleet-node.js';

/** What a screen on a wall has in place of the header and the filters: numbers, a clock, and whether all this is of now. */
export function WallStrip({ counted }: { counted: readonly FleetNode[] }) {
  const counts = countByState(counted);
  return (
    <section class={`wall-strip wall-${liveState.value}`} aria-label={TEXTS.fleet.state}>
      <Link class="brand" href={urlOf([], { ...Object.fromEntries(address.value.query), view: '' })}>
        {TEXTS.name}
      </Link>
      <ul>
        {[...NODE_STATES].reverse().map((state) => (
          <li key={state} class={counts.has(state) ? undefined : 'quiet'}>
            <StateMark state={state} /> {TEXTS.states[state]} <b>{(counts.get(state) ?? 0).toLocaleString('en')}</b>
          </li>
        ))}
      </ul>
      <Live />
      <Clock />
    </section>
  );
}

/** It goes on each second, so that a screen that hangs can be told from a calm fleet. */
function Clock() {
  return <span class="wall-clock">{timeOfDay(now.value)}</span>;
}
