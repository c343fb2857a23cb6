import { address } from '../address.js';
import { now, timeText } from '../look/clock.js';
import { TEXTS } from '../texts.js';

/** What a printed page has in place of the header: where it is from, and when it was so. */
export function PaperHead() {
  const { path, query } = address.value;
  return (
    <p class="paper">
      {TEXTS.name} · {window.location.origin}
      {`/console${path}${query.size === 0 ? '' : `?${query.toString()}`}`} ·{' '}
      {timeText(new Date(now.value).toISOString())}
    </p>
  );
}
