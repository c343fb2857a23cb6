import { effect, signal } from '@preact/signals';

export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'netprov.theme';

function stored(): Theme {
  const value = window.localStorage.getItem(KEY);
  return THEMES.find((theme) => theme === value) ?? 'auto';
}

/** The colors that the person has chosen. */
export const theme = signal<Theme>(stored());

const systemIsDark = window.matchMedia('(prefers-color-scheme: dark)');
/** Counts changes of the colors: what paints on a canvas reads them again. */
export const themeChanges = signal(0);

effect(() => {
  window.localStorage.setItem(KEY, theme.value);
  if (theme.value === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme.value;
  themeChanges.value = themeChanges.peek() + 1;
});
systemIsDark.addEventListener('change', () => {
  themeChanges.value = themeChanges.peek() + 1;
});

/** An element that is not shown: the browser works out for it which color a variable of the style sheet is now. */
const probe = document.createElement('i');
probe.hidden = true;
document.body.append(probe);

/** A color of the style sheet, as a canvas takes it. */
export function colorOf(name: string): string {
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}

/** The fonts of the page, as a canvas takes them after a size. */
export function fontFamily(): string {
  return getComputedStyle(document.body).fontFamily;
}
