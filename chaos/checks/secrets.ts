import type { Check } from './check.js';

/** Number of lines that are reported for each secret: the first one shows where it comes from. */
const TOLD = 3;

/** No log, row, result or header of a dead letter contains a password or a token. */
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
