import { stringifyJson } from '../../json.js';
import type { Letter } from '../../messages/dead-letter-details.js';
import type { Description } from '../../messages/request.js';
import { shownRequest } from '../../recovery/letter-json.js';
import { printable, table } from './output.js';

/** A table of letters for people, one per row. */
export function letterTable(letters: readonly Letter[]): string {
  const head = ['Id', 'Reason', 'Method', 'Node', 'Queue', 'Attempts', 'Last time'];
  const rows = letters.map(({ id, reason, method, node, queue, attempts, last_time: time }) =>
    [id, reason, method, node, queue, attempts, time].map((value) => String(value ?? '-')),
  );
  return table(head, rows);
}

/** A letter with its request, for people. */
export function describeLetter(letter: Letter, { request, problem }: Description): string {
  const facts = Object.entries(letter).map(([name, value]) => `${name.replaceAll('_', ' ')}: ${String(value ?? '-')}`);
  const asked = request
    ? ['request:', ...stringifyJson(shownRequest(request), 2).split('\n')]
    : [`the request is unreadable: ${problem ?? ''}`];
  return [...facts, ...asked].map(printable).join('\n');
}
