import { TEXTS } from '../texts.js';

/** What an operator wants to know of a node at a glance. The worst is last. */
export const NODE_STATES = ['steady', 'moving', 'retrying', 'differs', 'failed'] as const;
export type NodeState = (typeof NODE_STATES)[number];

/** The shape of each state, as an SVG path in a square of 16 units: nobody needs to tell colors apart. */
export const STATE_SHAPES: Readonly<Record<NodeState, string>> = {
  steady: 'M4 3h8a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1z',
  moving: 'M4 2.500 13.500 8 4 13.500z',
  retrying: 'M3 2h10v2.500L9.500 8l3.500 3.500V14H3v-2.500L6.500 8 3 4.500z',
  differs: 'M8 1.200 14.800 8 8 14.800 1.200 8zM8 5 5 8l3 3 3-3z',
  failed:
    'M4.200 2 8 5.800 11.800 2 14 4.200 10.200 8l3.800 3.800-2.200 2.200L8 10.200 4.200 14 2 11.800 5.800 8 2 4.200z',
};

/** The mark of a state, with its name for screen readers where no text stands beside it. */
export function StateMark({ state, named = false }: { state: NodeState; named?: boolean }) {
  const label = named ? { role: 'img' as const, 'aria-label': TEXTS.states[state] } : { 'aria-hidden': true as const };
  return (
    <svg class={`mark mark-${state}`} viewBox="0 0 16 16" width="16" height="16" {...label}>
      <path d={STATE_SHAPES[state]} fill-rule="evenodd" />
    </svg>
  );
}
