import type { Worker, Workers } from '../api/types.js';
import { StateMark } from '../look/state-mark.js';
import { Table } from '../look/table.js';
import { Ago, Lasted } from '../look/time.js';
import { TEXTS } from '../texts.js';

const WORDS = TEXTS.health;

/** The workers, and who acts for which conductor host. */
export function WorkerTables({ all: { workers, hosts } }: { all: Workers }) {
  const nameOf = (id: string | null): string => workers.find((one) => one.id === id)?.name ?? id ?? TEXTS.none;
  if (workers.length === 0) return <p class="quiet">{WORDS.noWorkers}</p>;
  return (
    <>
      <Table
        label={WORDS.workers}
        names={[WORDS.worker, WORDS.alive, WORDS.owns, WORDS.standsBy, WORDS.started, WORDS.build]}
      >
        {workers.map((worker) => (
          <WorkerRow key={worker.id} worker={worker} />
        ))}
      </Table>
      <h3>{WORDS.hosts}</h3>
      <Table label={WORDS.hosts} names={[WORDS.host, WORDS.worker, WORDS.since, WORDS.epoch, WORDS.lease]}>
        {hosts.map(({ conductor_host: host, worker_id: id, since, epoch, lease }) => (
          <tr key={host}>
            <th scope="row">{host}</th>
            <td>{id === null ? WORDS.nobody : nameOf(id)}</td>
            <td>
              <Lasted since={since} />
            </td>
            <td>{epoch}</td>
            <td>{lease === null ? TEXTS.none : `${lease} s`}</td>
          </tr>
        ))}
      </Table>
    </>
  );
}

function WorkerRow({ worker: { name, lives, seen_at, owns, stands_by, started_at, build } }: { worker: Worker }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        <StateMark state={lives === false ? 'failed' : 'steady'} />{' '}
        {lives === null ? WORDS.lives.unknown : lives ? WORDS.lives.yes : WORDS.lives.no}
        {lives === false && seen_at !== null ? (
          <>
            {', '}
            <Ago time={seen_at} />
          </>
        ) : null}
      </td>
      <td>{owns.join(', ') || TEXTS.none}</td>
      <td>{stands_by.join(', ') || TEXTS.none}</td>
      <td>
        <Lasted since={started_at} />
      </td>
      <td>{build ?? TEXTS.none}</td>
    </tr>
  );
}
