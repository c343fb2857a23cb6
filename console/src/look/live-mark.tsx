import { liveState } from '../api/live.js';
import { TEXTS } from '../texts.js';

/** Whether events arrive: whether what the page shows is of now. */
export function Live() {
  const state = liveState.value;
  return (
    <span class={`live live-${state}`} role="status">
      {TEXTS.live[state]}
    </span>
  );
}
