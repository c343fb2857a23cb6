import { parameterOf, setParameters, urlOf } from '../address.js';
import { Link } from '../look/link.js';
import { NODE_STATES, StateMark } from '../look/state-mark.js';
import { Table } from '../look/table.js';
import { Ago } from '../look/time.js';
import { methodText, TEXTS } from '../texts.js';
import { columnName, type FleetNode } from './fleet-node.js';
import { NetworkLabel } from './network-label.js';

/** Rows of one page. */
const PAGE = 100;

const COLUMNS = TEXTS.fleet.columns;

/** The same nodes as on the board, for those who read: screen readers, searches, printers. */
export function FleetTable({ nodes }: { nodes: ReadonlyMap<string, FleetNode> }) {
  const sorted = [...nodes.values()].sort(
    (one, other) =>
      NODE_STATES.indexOf(other.state) - NODE_STATES.indexOf(one.state) || one.label.localeCompare(other.label),
  );
  const pages = Math.max(1, Math.ceil(sorted.length / PAGE));
  const page = Math.min(pages, Math.max(1, Number(parameterOf('page')) || 1));
  return (
    <>
      <Table label={TEXTS.fleet.table} names={Object.values(COLUMNS)}>
        {sorted.slice((page - 1) * PAGE, page * PAGE).map((node) => (
          <Row key={node.id} node={node} />
        ))}
      </Table>
      {pages > 1 ? <Pager page={page} pages={pages} /> : null}
    </>
  );
}

function Row({ node: { id, label, state, columns, since, place } }: { node: FleetNode }) {
  const { latest, conductor, network_provider: provider } = place;
  return (
    <tr>
      <td>
        <StateMark state={state} /> {TEXTS.states[state]}
      </td>
      <th scope="row">
        <Link href={urlOf(['nodes', id])}>{label}</Link>
      </th>
      <td>
        {columns.map(columnName).map(({ kind, network }) => (
          <div key={network}>
            {kind} {network === null ? null : <NetworkLabel id={network} />}
          </div>
        ))}
      </td>
      <td>{since === null ? TEXTS.none : <Ago time={since} />}</td>
      <td>{latest === null ? TEXTS.none : methodText(latest.method)}</td>
      <td>{conductor ?? TEXTS.none}</td>
      <td>{provider ?? TEXTS.fleet.defaultProvider}</td>
    </tr>
  );
}

function Pager({ page, pages }: { page: number; pages: number }) {
  const show = (next: number) => (): void => {
    setParameters({ page: next === 1 ? '' : String(next) });
  };
  return (
    <nav class="pager" aria-label={TEXTS.fleet.table}>
      <button type="button" disabled={page === 1} onClick={show(page - 1)}>
        {TEXTS.fleet.previous}
      </button>
      <span>{TEXTS.fleet.page(page, pages)}</span>
      <button type="button" disabled={page === pages} onClick={show(page + 1)}>
        {TEXTS.fleet.next}
      </button>
    </nav>
  );
}
