import './repair.css';

import { pathParts, urlOf } from '../address.js';
import { may } from '../api/session-state.js';
import { Link } from '../look/link.js';
import { TEXTS } from '../texts.js';
import { ActionList, ActionPage } from './actions.js';
import { LettersPart } from './letters-part.js';
import { ReconcilePart } from './reconcile-part.js';
import { ReplayPart } from './replay-part.js';

const PARTS = [
  { part: 'letters', rule: 'netprov:dead_letter:list' },
  { part: 'replay', rule: 'netprov:replay:create' },
  { part: 'reconcile', rule: 'netprov:reconciliation:create' },
  { part: 'actions', rule: 'netprov:action:list' },
] as const;
type Part = (typeof PARTS)[number]['part'];

/** Puts right what went wrong: each part shows first what would change. */
export function RepairPage() {
  const [, second, third] = pathParts.value;
  const allowed = PARTS.filter(({ rule }) => may(rule)).map(({ part }) => part);
  const chosen = allowed.find((part) => part === second) ?? allowed[0];
  return (
    <div class="repair">
      <h1>{TEXTS.pages.repair}</h1>
      <nav class="tabs" aria-label={TEXTS.pages.repair}>
        {allowed.map((part) => (
          <Link key={part} href={urlOf(['repair', part])} current={part === chosen}>
            {TEXTS.repair.parts[part]}
          </Link>
        ))}
      </nav>
      {chosen === undefined ? <p>{TEXTS.repair.nothingAllowed}</p> : <Chosen part={chosen} id={third} />}
    </div>
  );
}

function Chosen({ part, id }: { part: Part; id: string | undefined }) {
  switch (part) {
    case 'letters':
      return <LettersPart />;
    case 'replay':
      return <ReplayPart />;
    case 'reconcile':
      return <ReconcilePart />;
    case 'actions':
      return id === undefined ? <ActionList /> : <ActionPage key={id} id={id} />;
  }
}
