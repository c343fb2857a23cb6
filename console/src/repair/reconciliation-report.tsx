import { urlOf } from '../address.js';
import { Link } from '../look/link.js';
import { StateMark } from '../look/state-mark.js';
import { TEXTS } from '../texts.js';
import type { Reconciliation } from './reports.js';

const WORDS = TEXTS.repair.reconcile;

/** Which nodes differ from Neutron, how, and what was repaired. */
export function ReconciliationReport({ report }: { report: Reconciliation }) {
  const { compared, not_compared: apart, differing, differences } = report;
  const { compared_with_ironic: inIronic = null, ironic_error: ironicError = null } = report;
  return (
    <>
      <p>
        <strong>{WORDS.found(differing, compared)}</strong>
        {apart === 0 ? null : ` ${WORDS.notCompared(apart)}`}
        {inIronic === null ? null : ` ${WORDS.comparedWithIronic(inIronic)}`}
      </p>
      {ironicError === null ? null : <p class="error-text">{WORDS.noIronic(ironicError)}</p>}
      <ul class="differences">
        {differences.map(({ node, error, findings }) => (
          <li key={node}>
            <Link href={urlOf(['nodes', node])}>
              <code>{node}</code>
            </Link>
            {error === null ? null : <p class="error-text">{error}</p>}
            <ul>
              {findings.map(({ kind, neutron_port_id: port, reason, repaired }) => (
                <li key={`${kind}${port}`}>
                  <StateMark state={repaired ? 'steady' : 'differs'} /> {WORDS.sides[kind] ?? kind.replaceAll('_', ' ')}
                  {repaired ? ` (${WORDS.repaired})` : ''}: {reason}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </>
  );
}
