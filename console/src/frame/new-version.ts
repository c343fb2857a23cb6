import { effect } from '@preact/signals';

import { urlOf } from '../address.js';
import { liveState } from '../api/live.js';
import { isWall } from '../look/wall.js';

/**
 * On a screen on a wall, loads the page again when the API serves another version of the console: nobody is there to do
 * it. It looks whenever a stream of events begins: after the API was replaced, and every few minutes.
 */
export function followVersions(): void {
  effect(() => {
    if (liveState.value === 'live' && isWall.value) void loadIfNew();
  });
}

async function loadIfNew(): Promise<void> {
  const own = document.querySelector('script[type="module"]')?.getAttribute('src') ?? '';
  try {
    const answer = await fetch(urlOf([]), { cache: 'no-cache' });
    // The names of scripts have a hash of their content.
    if (answer.ok && !(await answer.text()).includes(`"${own}"`)) window.location.reload();
  } catch {
    // The connection is lost again: the next stream brings the next look.
  }
}
