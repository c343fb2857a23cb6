/**
 * The message of an error, or the text of anything else that was thrown. If a connection failed at several addresses,
 * Node.js gives an empty message; then the messages of all addresses are joined.
 */
export function errorText(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(errorText).join('; ');
  return error instanceof Error ? error.message : String(error);
}

/** Whatever was thrown, as an Error. */
export function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
