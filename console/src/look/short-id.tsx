import { urlOf } from '../address.js';
import { TEXTS } from '../texts.js';
import { Link } from './link.js';

/** Characters that tell ids apart on a screen. */
const SHOWN = 8;

/** The beginning of an id. The whole id shows on hovering, and on paper. */
export function ShortId({ id }: { id: string }) {
  return (
    <code title={id}>
      {id.slice(0, SHOWN)}
      <span class="paper">{id.slice(SHOWN)}</span>
    </code>
  );
}

/** The beginning of an id, as a link to the page of what it belongs to; a dash for null. */
export function IdLink({ page, id }: { page: 'nodes' | 'operations'; id: string | null }) {
  if (id === null) return <>{TEXTS.none}</>;
  return (
    <Link href={urlOf([page, id])}>
      <ShortId id={id} />
    </Link>
  );
}
