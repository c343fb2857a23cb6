import { computed, signal } from '@preact/signals';

import type { Session } from './types.js';

/** Null: not known yet. */
const session = signal<Session | null>(null);
/** Whether a session ended while the console was in use. */
export const wasLoggedIn = signal(false);

/** The session, for what renders. */
export const currentSession = computed(() => session.value);

/** Whether somebody is logged in, or nobody needs to. */
export const isLoggedIn = computed(
  () => session.value !== null && (session.value.user !== null || session.value.auth_strategy === 'noauth'),
);

export function sessionOf(): Session | null {
  return session.peek();
}

export function setSession(value: Session): void {
  if (session.peek()?.user != null && value.user === null) wasLoggedIn.value = true;
  session.value = value;
}

/** The API no longer knows the session: whoever comes back lands on the same page. */
export function sessionEnded(): void {
  const known = session.peek();
  if (known === null) return;
  wasLoggedIn.value = wasLoggedIn.peek() || known.user !== null;
  session.value = {
    ...known,
    user: null,
    project: null,
    system: false,
    roles: [],
    csrf: null,
    may: [],
    expires_at: null,
  };
}

/** Whether the policy allows the caller something. It is the API that decides; this only spares a refusal. */
export function may(rule: string): boolean {
  return session.value?.may.includes(rule) ?? false;
}
