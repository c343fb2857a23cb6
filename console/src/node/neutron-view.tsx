import { urlOf } from '../address.js';
import { may } from '../api/session-state.js';
import type { NodeInNeutron } from '../api/types.js';
import { Fault } from '../look/fault.js';
import { Link } from '../look/link.js';
import { ShortId } from '../look/short-id.js';
import { StateMark } from '../look/state-mark.js';
import { Table } from '../look/table.js';
import { Ago } from '../look/time.js';
import type { Reading } from '../look/use-read.js';
import { TEXTS } from '../texts.js';

const WORDS = TEXTS.node.neutron;

/** What Neutron says now of a node, beside its record. */
export function NeutronView({
  reading: { value, fault, again },
  node,
}: {
  reading: Reading<NodeInNeutron>;
  node: string;
}) {
  return (
    <section aria-labelledby="neutron">
      <h2 id="neutron">{WORDS.title}</h2>
      {fault === null ? null : <Fault fault={fault} onAgain={again} />}
      {value === null ? (
        fault === null ? (
          <p class="quiet">{TEXTS.loading}</p>
        ) : null
      ) : (
        <>
          <p>
            <Verdict found={value} />{' '}
            <span class="quiet">
              <Ago time={value.read_at} />
            </span>{' '}
            <button type="button" onClick={again}>
              {WORDS.again}
            </button>
            {value.findings.length > 0 && may('netprov:reconciliation:create') ? (
              <>
                {' '}
                <Link class="screen" href={urlOf(['repair', 'reconcile'], { node })}>
                  {WORDS.repair}
                </Link>
              </>
            ) : null}
          </p>
          <Differences found={value} />
          {value.ports.length === 0 ? <p class="quiet">{WORDS.noPorts}</p> : <Ports found={value} />}
        </>
      )}
    </section>
  );
}

function Verdict({ found: { findings, missing } }: { found: NodeInNeutron }) {
  const differs = findings.length + missing.length > 0;
  return (
    <>
      <StateMark state={differs ? 'differs' : 'steady'} /> {differs ? WORDS.differs : WORDS.same}
    </>
  );
}

function Differences({ found: { findings, missing } }: { found: NodeInNeutron }) {
  if (findings.length + missing.length === 0) return null;
  return (
    <ul>
      {findings.map(({ kind, neutron_port_id: port, reason }) => (
        <li key={`${kind}${port}`}>
          {kind.replaceAll('_', ' ')}: {reason}
        </li>
      ))}
      {missing.map((id) => (
        <li key={id}>
          {WORDS.missing} <code>{id}</code>
        </li>
      ))}
    </ul>
  );
}

function Ports({ found: { ports, networks } }: { found: NodeInNeutron }) {
  return (
    <Table label={WORDS.title} names={Object.values(WORDS.columns)}>
      {ports.map(({ id, status, network_id: network, mac_address: mac, fixed_ips, vif_type, host_id, recorded }) => {
        const known = networks.find((one) => one.id === network);
        const segment = known?.segmentation_id;
        return (
          <tr key={id}>
            <th scope="row">
              <ShortId id={id} />
            </th>
            <td>{status}</td>
            <td>
              {known?.name ?? network} {segment == null ? '' : `(${known?.network_type ?? ''} ${segment})`}
            </td>
            <td>
              <code>{mac}</code>
            </td>
            <td>{fixed_ips.map(({ ip_address: ip }) => ip).join(', ') || TEXTS.none}</td>
            <td>{vif_type}</td>
            <td>{host_id === '' ? TEXTS.none : <ShortId id={host_id} />}</td>
            <td>{recorded ? WORDS.recorded.yes : WORDS.recorded.no}</td>
          </tr>
        );
      })}
    </Table>
  );
}
