import { TEXTS } from '../texts.js';
import { agoText, now, timeText } from './clock.js';

/** How long ago something was. The exact time shows on hovering, and on paper. */
export function Ago({ time }: { time: string }) {
  return (
    <time dateTime={time} title={timeText(time)}>
      {TEXTS.ago(agoText(time, now.value))}
      <span class="paper"> ({timeText(time)})</span>
    </time>
  );
}

/** How long something has lasted. Since when shows on hovering, and on paper. */
export function Lasted({ since }: { since: string }) {
  return (
    <time dateTime={since} title={timeText(since)}>
      {agoText(since, now.value)}
      <span class="paper"> ({TEXTS.since(timeText(since))})</span>
    </time>
  );
}

/** A time for people. */
export function Moment({ time }: { time: string }) {
  return <time dateTime={time}>{timeText(time)}</time>;
}
