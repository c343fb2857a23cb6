import { useEffect, useState } from 'preact/hooks';

import { ask } from '../api/request.js';
import type { Action } from '../api/types.js';

/** Milliseconds between two looks at the progress. */
const INTERVAL = 1000;

/** An action that was begun here, followed to its end. */
export interface FollowedAction {
  action: Action | null;
  fault: unknown;
  /** Begins an action; its answer has the id. Rejects when the API refuses it. */
  begin: (path: string, body: object) => Promise<void>;
  forget: () => void;
}

/** Begins an action, and looks at it until it has ended. */
export function useAction(id?: string): FollowedAction {
  const [action, setAction] = useState<Action | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const wanted = action?.id ?? id;
  const over = action !== null && action.status !== 'running';
  useEffect(() => {
    if (wanted === undefined || over) return undefined;
    const look = (): void => {
      ask<Action>('GET', `/v1/actions/${wanted}`).then((found) => {
        setAction(found);
        setFault(null);
      }, setFault);
    };
    if (action === null) look();
    const timer = window.setInterval(look, INTERVAL);
    return () => {
      window.clearInterval(timer);
    };
  }, [wanted, over]);
  return {
    action,
    fault,
    begin: async (path, body) => {
      setFault(null);
      setAction(await ask<Action>('POST', path, body));
    },
    forget: () => {
      setAction(null);
    },
  };
}
