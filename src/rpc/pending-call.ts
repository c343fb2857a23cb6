import { MessagingTimeout } from './errors.js';
import { deserializeFailure } from './failure.js';
import type { RpcReply } from './message.js';

export interface PendingCallOptions {
  /** Named in errors. */
  method: string;
  /** Seconds until the call is given up. */
  timeout: number;
  /** Seconds without a heartbeat until the call is given up. */
  callMonitorTimeout: number | null;
  signal?: AbortSignal | undefined;
}

/** A call that waits for its reply. Source: ReplyWaiter.wait in oslo_messaging/_drivers/amqpdriver.py. */
export class PendingCall {
  readonly outcome: Promise<unknown>;
  private resolve: (result: unknown) => void = () => undefined;
  private reject: (error: Error) => void = () => undefined;
  private result: unknown = null;
  private readonly timer: NodeJS.Timeout;
  private monitor: NodeJS.Timeout | undefined;

  constructor(private readonly options: PendingCallOptions) {
    this.outcome = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // A call may fail before anybody waits for it.
    this.outcome.catch(() => undefined);
    const { method, timeout, signal } = options;
    this.timer = setTimeout(() => {
      this.reject(new MessagingTimeout(`No reply to "${method}" within ${timeout} s.`));
    }, timeout * 1000);
    this.watchHeartbeats();
    if (signal?.aborted) this.abort();
    signal?.addEventListener('abort', this.abort);
  }

  receive({ result, failure, ending }: RpcReply): void {
    if (failure !== null) {
      this.reject(deserializeFailure(failure));
      return;
    }
    // Servers of old send the result first and then an empty message that ends the call.
    if (result !== null) this.result = result;
    else if (!ending) this.watchHeartbeats();
    if (ending) this.resolve(this.result);
  }

  fail(error: Error): void {
    this.reject(error);
  }

  /** Frees timers and listeners. */
  dispose(): void {
    clearTimeout(this.timer);
    clearTimeout(this.monitor);
    this.options.signal?.removeEventListener('abort', this.abort);
  }

  private readonly abort = (): void => {
    const reason: unknown = this.options.signal?.reason;
    this.reject(reason instanceof Error ? reason : new Error('The call was given up.'));
  };

  private watchHeartbeats(): void {
    const { method, callMonitorTimeout } = this.options;
    clearTimeout(this.monitor);
    if (callMonitorTimeout === null) return;
    this.monitor = setTimeout(() => {
      this.reject(new MessagingTimeout(`No sign of life from the server of "${method}" for ${callMonitorTimeout} s.`));
    }, callMonitorTimeout * 1000);
  }
}
