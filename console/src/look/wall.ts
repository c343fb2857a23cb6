import { computed, effect } from '@preact/signals';

import { address, pathParts } from '../address.js';

/**
 * Whether the address asks for the fleet as a screen on a wall shows it: everything is large, because people stand far
 * away, and nothing has to be clicked, because nobody is there to do it.
 */
export const isWall = computed(() => pathParts.value.length === 0 && address.value.query.get('view') === 'wall');

effect(() => {
  document.documentElement.classList.toggle('wall', isWall.value);
});

/** Pixels of the text on other pages. */
const USUAL = 15;
/** The board is the main thing on a wall: it may be enlarged more than the text around it. */
const BOARD = 1.8;

/** How much the board may be enlarged on this screen, at most. */
export function wallFactor(): number {
  return (Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / USUAL) * BOARD;
}
