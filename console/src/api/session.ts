import { signal } from '@preact/signals';

import { ApiFault, ask } from './request.js';
import { sessionEnded, setSession, wasLoggedIn } from './session-state.js';
import type { Session } from './types.js';

const SESSION = '/console/session';

/** What a log-in sends. */
export type Credentials =
  | {
      method: 'password';
      username: string;
      password: string;
      user_domain: string;
      /** Null: the user's default project. */
      project: string | null;
      project_domain: string;
      /** Whether to act for the whole system, in place of a project. */
      system: boolean;
    }
  | { method: 'application_credential'; id: string; secret: string }
  | { method: 'http_basic'; username: string; password: string };

/** Why the session is not known; null: it is, or it is being asked for. */
export const sessionFault = signal<ApiFault | null>(null);

/** Asks who is logged in. */
export async function loadSession(): Promise<void> {
  sessionFault.value = null;
  try {
    setSession(await ask<Session>('GET', SESSION));
  } catch (error) {
    sessionFault.value = error instanceof ApiFault ? error : new ApiFault(0, String(error));
  }
}

/** @throws ApiFault */
export async function logIn(credentials: Credentials): Promise<void> {
  setSession(await ask<Session>('POST', SESSION, credentials));
  wasLoggedIn.value = false;
}

/** @throws ApiFault */
export async function logOut(): Promise<void> {
  await ask('DELETE', SESSION);
  sessionEnded();
  wasLoggedIn.value = false;
}
