import { TEXTS } from '../texts.js';
import { agoText, now, timeText } from './clock.js';

/** How long ago something was; the exact time shows on hovering. */
export function Ago({ time }: { time: string }) {
  return (
    <time dateTime={time} title={timeText(time)}>
      {TEXTS.ago(agoText(time, now.value))}
    </time>
  );
}

/** How long something has lasted. */
export function Lasted({ since }: { since: string }) {
  return (
    <time dateTime={since} title={timeText(since)}>
      {agoText(since, now.value)}
    </time>
  );
}

/** A time for people. */
export function Moment({ time }: { time: string }) {
  return <time dateTime={time}>{timeText(time)}</time>;
}
