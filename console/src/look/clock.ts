import { signal } from '@preact/signals';

/** The time, in milliseconds; it moves on once a second while the page is visible. */
export const now = signal(Date.now());

window.setInterval(() => {
  if (document.visibilityState === 'visible') now.value = Date.now();
}, 1000);

const UNITS: readonly [string, number][] = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
];

/** A duration in its two largest units: `2 h 5 min`. */
export function durationText(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  const seconds = Math.round(milliseconds / 1000);
  const at = UNITS.findIndex(([, size]) => seconds >= size);
  const [unit, size] = UNITS[at] ?? ['s', 1];
  const [lesser, lesserSize] = UNITS[at + 1] ?? [null, 1];
  const rest = Math.floor((seconds % size) / lesserSize);
  const first = `${Math.floor(seconds / size)} ${unit}`;
  return lesser === null || rest === 0 ? first : `${first} ${rest} ${lesser}`;
}

/** How long ago a time was. The clock of this computer may be behind that of the API. */
export function agoText(time: string, at: number): string {
  return durationText(Math.max(1000, at - Date.parse(time)));
}

/** Hours, minutes and seconds for people, in their own zone. */
export function timeOfDay(time: number): string {
  return new Date(time).toLocaleTimeString('en-GB');
}

/** A time for people, in their own zone. */
export function timeText(time: string): string {
  return new Date(time).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
}
