import { randomUUID } from 'node:crypto';

import type { FastifyRequest } from 'fastify';
import type { DataSource } from 'typeorm';

import { errorText } from '../../async/error-text.js';
import type { Logger } from '../../log/log.js';
import {
  type ActionKind,
  beginAction,
  endAction,
  loadAction,
  type NewAction,
  type OperatorAction,
  tellProgress,
} from '../../state/index.js';
import { ApiError } from '../http/errors.js';
import type { ActionContext, Progress } from './tools.js';

/** Most actions at once in this process. Each may hold many entries of the journal. */
const MOST = 4;
/** Longest request in the log, in characters. The record has all of it. */
const MAX_LOGGED = 2000;
/** Milliseconds between two records of the progress. */
const INTERVAL = 1000;

/** Does what operators ask for, and has each action on record: who asked for it, when, and what came of it. */
export class Actions {
  readonly #running = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();

  constructor(
    private readonly dataSource: DataSource,
    private readonly log: Logger,
  ) {}

  /**
   * Does an action while the caller waits.
   *
   * @returns its id, and its report
   * @throws what the work throws; ApiError 429
   */
  async run<T extends object>(
    request: FastifyRequest,
    kind: ActionKind,
    asked: object,
    work: (context: ActionContext) => Promise<T>,
  ): Promise<{ id: string; report: T }> {
    const action = await this.#begin(request, kind, asked);
    return { id: action.id, report: await this.#kept(this.#do(action, work)) };
  }

  /**
   * Begins an action, which goes on when the caller has the answer.
   *
   * @throws ApiError 429; the database's errors
   */
  async start(
    request: FastifyRequest,
    kind: ActionKind,
    asked: object,
    work: (context: ActionContext) => Promise<object>,
  ): Promise<OperatorAction> {
    const action = await this.#begin(request, kind, asked);
    this.#kept(this.#do(action, work)).catch((error: unknown) => {
      this.log.warn('an action of an operator failed', { action: action.id, kind, reason: errorText(error) });
    });
    const recorded = await loadAction(this.dataSource.manager, action.id);
    if (recorded === null) throw new Error(`the record of action ${action.id} is gone`);
    return recorded;
  }

  /** Breaks off what is under way, and waits until that is on record. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the API stopped'));
    await Promise.allSettled(this.#running);
  }

  async #begin(request: FastifyRequest, kind: ActionKind, asked: object): Promise<NewAction> {
    if (this.#running.size >= MOST || this.#closing.signal.aborted) {
      const message = `This API process does ${MOST} actions of operators already. Try again later.`;
      throw new ApiError(429, message, { 'retry-after': '10' });
    }
    const { identity, id: request_id } = request;
    const who = {
      user_id: identity?.userId ?? null,
      user_name: identity?.userName ?? null,
      project_id: identity?.project?.id ?? null,
    };
    const action = { id: randomUUID(), kind, ...who, request_id, request: asked };
    await beginAction(this.dataSource.manager, action);
    const wanted = JSON.stringify(asked).slice(0, MAX_LOGGED);
    this.log.info('an operator has something done', { action: action.id, kind, ...who, request_id, request: wanted });
    return action;
  }

  async #kept<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work);
    try {
      return await work;
    } finally {
      this.#running.delete(work);
    }
  }

  /** Does the work, and records how far it is once a second and at last what came of it. */
  async #do<T extends object>(action: NewAction, work: (context: ActionContext) => Promise<T>): Promise<T> {
    const { manager } = this.dataSource;
    let progress: Progress = { done: 0, total: null };
    const timer = setInterval(() => {
      // A failure is no reason to stop the work: the next record may succeed.
      tellProgress(manager, action.id, progress).catch(() => undefined);
    }, INTERVAL);
    const tell = (now: Progress): void => {
      progress = now;
    };
    const context = { requestId: action.request_id, tell, signal: this.#closing.signal };
    try {
      const report = await work(context);
      await tellProgress(manager, action.id, progress);
      await endAction(manager, action.id, { report, error: null });
      return report;
    } catch (error) {
      await endAction(manager, action.id, { report: null, error: errorText(error) }).catch((unrecorded: unknown) => {
        this.log.error('could not record how an action ended', { action: action.id, error: unrecorded });
      });
      throw error;
    } finally {
      clearInterval(timer);
    }
  }
}
