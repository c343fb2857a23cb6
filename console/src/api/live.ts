import { computed, effect, signal } from '@preact/signals';

import { loadSession } from './session.js';
import { isLoggedIn, may } from './session-state.js';
import type { OperationSummary, Whereabouts } from './types.js';

/** One event of the API's stream: an operation has changed its state. */
export interface OperationEvent {
  event: 'began' | 'held' | 'retried' | 'succeeded' | 'failed';
  at: string;
  operation: OperationSummary;
  /** Where its node is after its end; undefined: it has not ended, or its node is not on record. */
  place?: Omit<Whereabouts, 'node_uuid' | 'latest'>;
}

interface Listener {
  onEvent: (event: OperationEvent) => void;
  /** Something was missed: read again what is shown. */
  onReset: () => void;
}

/** Whether events arrive. `off`: the caller may not follow operations. */
export const liveState = signal<'off' | 'connecting' | 'live' | 'away'>('connecting');

/** Milliseconds until the next try, after the API has refused the stream. A browser itself retries a lost one. */
const RETRY = 5000;

const listeners = new Set<Listener>();
let source: EventSource | null = null;
let retry: number | undefined;

/** Follows operations until the returned function is called. All listeners share one stream. */
export function follow(listener: Listener): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

function open(): void {
  close();
  liveState.value = 'connecting';
  source = new EventSource('/v1/operations/events');
  source.addEventListener('reset', () => {
    liveState.value = 'live';
    for (const { onReset } of listeners) onReset();
  });
  source.addEventListener('operation', (message: MessageEvent<string>) => {
    liveState.value = 'live';
    const event = JSON.parse(message.data) as OperationEvent;
    for (const { onEvent } of listeners) onEvent(event);
  });
  source.addEventListener('open', () => {
    liveState.value = 'live';
  });
  source.addEventListener('error', () => {
    // The API ends each stream after a while, and the browser then opens the next one at once: that is no fault.
    liveState.value =
      liveState.peek() === 'live' && source?.readyState === EventSource.CONNECTING ? 'connecting' : 'away';
    if (source?.readyState !== EventSource.CLOSED) return;
    retry = window.setTimeout(() => {
      void loadSession().then(() => {
        if (mayFollow.peek()) open();
      });
    }, RETRY);
  });
}

function close(): void {
  window.clearTimeout(retry);
  source?.close();
  source = null;
}

const mayFollow = computed(
  () => isLoggedIn.value && (may('netprov:operation:list_all') || may('netprov:operation:list')),
);

effect(() => {
  if (mayFollow.value) {
    open();
  } else {
    close();
    liveState.value = 'off';
  }
});
