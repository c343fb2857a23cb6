import { ApiFault } from '../api/request.js';
import { TEXTS } from '../texts.js';

/** What went wrong, in the API's own words, and a way to try again. */
export function Fault({ fault, onAgain }: { fault: unknown; onAgain?: () => void }) {
  const text = fault instanceof ApiFault && fault.status === 0 ? TEXTS.noAnswer : errorText(fault);
  return (
    <div class="fault" role="alert">
      <p>{text}</p>
      {onAgain === undefined ? null : (
        <button type="button" onClick={onAgain}>
          {TEXTS.again}
        </button>
      )}
    </div>
  );
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
