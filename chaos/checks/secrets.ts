import type { Check } from './check.js';

/** Lines that are told of each secret: the first shows where it comes from. */
const TOLD = 3;

/** No password and no token is in a log, a row, a result or a dead letter's headers. */
export const noSecrets: Check = ({ secrets, logs, operations, results, deadLetters }) => {
  const places = [
    ...logs.map(({ worker, text }) => ({ place: `the log of ${worker}`, text })),
    ...operations.map((row) => ({ place: `the row of operation ${row.id}`, text: JSON.stringify(row) })),
    ...results.map((result) => ({
      place: `a result of operation ${result.operationId}`,
      text: JSON.stringify(result),
    })),
    ...deadLetters.map(({ headers }) => ({ place: 'the headers of a dead letter', text: JSON.stringify(headers) })),
  ];
  return secrets.flatMap(({ what, value }) => {
    const found = places.filter(({ text }) => text.includes(value));
    return found.slice(0, TOLD).map(({ place, text }) => ({
      node: null,
      detail: `${what} is in ${place} (${found.length} times in all): ${text.replaceAll(value, '***').slice(0, 300)}`,
    }));
  });
};
