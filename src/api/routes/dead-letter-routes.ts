import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

import { text } from '../../inventory/input-fields.js';
import { accessOf } from '../auth/guard.js';
import { ApiError } from '../http/errors.js';
import { LIST_QUERY, parameter } from '../http/listing.js';
import type { ApiServer } from '../http/types.js';
import type { Actions } from '../operators/actions.js';
import { DEAD_LETTER_ITEMS, DEAD_LETTERS, LETTERS_CHANGED } from '../operators/schemas.js';
import { SharedAnswer } from '../operators/shared-answer.js';
import type { LettersDone, LetterTools } from '../operators/tools.js';

/** Most letters that one request changes. */
const MOST = 1000;
/** Milliseconds for which the list of all letters is kept: it takes a connection and a look at each letter. */
const KEEP = 2_000;

const LETTER_QUERY = z.strictObject({
  limit: LIST_QUERY.limit,
  reason: parameter(text(64), 'Reason, such as retries_exhausted'),
  conductor: parameter(text(255), 'Conductor host whose queue the message came from'),
  node: parameter(text(36), 'UUID of the node'),
  method: parameter(text(255), 'Method of the request'),
});
const LETTER_PARAMS = z.strictObject({ letter: text(255).describe('Id of the dead letter') });
const CHANGE = {
  ids: z.array(text(255)).min(1).max(MOST).describe('Ids of the dead letters'),
  dry_run: z.boolean().default(true).describe('Whether to tell only what would be done'),
};
const REQUEUE = z.strictObject({
  ...CHANGE,
  force: z
    .boolean()
    .default(false)
    .describe('Whether to requeue also letters that would come back, and calls whose callers gave up'),
});
const DROP = z.strictObject(CHANGE);

export interface DeadLetterRoutes {
  letters: LetterTools;
  actions: Actions;
  maxLimit: number;
}

/** Adds /v1/dead-letters: messages that could not become operations, or whose retries ran out. */
export function deadLetterRoutes(server: ApiServer, { letters, actions, maxLimit }: DeadLetterRoutes): void {
  const all = new SharedAnswer(() => letters.list({}, maxLimit), KEEP);
  server.get(
    '/v1/dead-letters',
    {
      schema: { summary: 'List dead letters, oldest first', querystring: LETTER_QUERY, response: DEAD_LETTERS },
      config: { policy: 'netprov:dead_letter:list' },
    },
    async (request) => {
      accessOf(request).assert('netprov:dead_letter:list');
      const { limit: wanted = maxLimit, ...filter } = request.query;
      const isPlain = wanted >= maxLimit && Object.values(filter).every((value) => value === undefined);
      const found = await (isPlain ? all.get() : letters.list(filter, Math.min(wanted, maxLimit)));
      return { dead_letters: found.letters, more: found.more };
    },
  );
  server.get(
    '/v1/dead-letters/:letter',
    {
      schema: { summary: 'Show a dead letter', params: LETTER_PARAMS, response: DEAD_LETTER_ITEMS },
      config: { policy: 'netprov:dead_letter:get' },
    },
    async (request) => {
      accessOf(request).assert('netprov:dead_letter:get');
      const { letter } = request.params;
      const found = await letters.show(letter);
      if (found.length === 0) throw missing(404, [letter]);
      return { dead_letters: found };
    },
  );
  changeRoutes(server, letters, actions, () => {
    all.forget();
  });
}

/** @param onChange called when letters were changed */
function changeRoutes(server: ApiServer, letters: LetterTools, actions: Actions, onChange: () => void): void {
  const change = async (
    request: FastifyRequest,
    kind: 'requeue' | 'drop',
    { ids, dry_run, ...asked }: z.output<typeof DROP>,
    work: () => Promise<LettersDone>,
  ): Promise<object> => {
    accessOf(request).assert(`netprov:dead_letter:${kind}`);
    const found = await letters.list({ ids }, MOST);
    const there = new Set(found.letters.map(({ id }) => id));
    const gone = ids.filter((id) => !there.has(id));
    if (gone.length > 0) throw missing(409, gone);
    const letter = { dry_run, dead_letters: found.letters };
    if (dry_run) return { ...letter, done: [], stayed: [], action: null };
    const { id: action, report } = await actions.run(request, kind, { ids, ...asked }, work);
    onChange();
    return { ...letter, ...report, action };
  };
  server.post(
    '/v1/dead-letters/requeue',
    {
      schema: { summary: 'Send dead letters back to their queues', body: REQUEUE, response: LETTERS_CHANGED },
      config: { policy: 'netprov:dead_letter:requeue' },
    },
    async (request) => {
      const { ids, force } = request.body;
      return change(request, 'requeue', request.body, () => letters.requeue(ids, force));
    },
  );
  server.post(
    '/v1/dead-letters/drop',
    {
      schema: { summary: 'Remove dead letters for good', body: DROP, response: LETTERS_CHANGED },
      config: { policy: 'netprov:dead_letter:drop' },
    },
    async (request) => change(request, 'drop', request.body, () => letters.drop(request.body.ids)),
  );
}

function missing(status: 404 | 409, ids: readonly string[]): ApiError {
  const named = ids.slice(0, 10).map((id) => id.slice(0, 80));
  return new ApiError(status, `Dead letter ${named.join(', ')} could not be found. Nothing was changed.`);
}
