import { urlOf } from '../address.js';
import type { Queues } from '../api/types.js';
import { Link } from '../look/link.js';
import { Table } from '../look/table.js';
import { TEXTS } from '../texts.js';

const WORDS = TEXTS.health;

/** How many messages wait in each queue, dead letters included, and how many results are owed. */
export function QueueTable({ all: { queues, owed_results: owed } }: { all: Queues }) {
  return (
    <Table label={WORDS.queues} names={[WORDS.queue, WORDS.messages, WORDS.consumers]}>
      {queues.map((queue) => (
        <QueueRow key={queue.name} queue={queue} />
      ))}
      <tr>
        <th scope="row">{WORDS.owed}</th>
        <td>{owed.toLocaleString('en')}</td>
        <td>{TEXTS.none}</td>
      </tr>
    </Table>
  );
}

function QueueRow({ queue: { name, kind, conductor_host: host, messages, consumers } }: { queue: Queue }) {
  const title = `${WORDS.queueKinds[kind]}${host === null ? '' : ` ${host}`}`;
  return (
    <tr>
      <th scope="row" title={name}>
        {kind === 'dead_letters' ? <Link href={urlOf(['repair', 'letters'])}>{title}</Link> : title}
      </th>
      <td>{messages === null ? WORDS.noQueue : messages.toLocaleString('en')}</td>
      <td>{consumers === null ? TEXTS.none : consumers.toLocaleString('en')}</td>
    </tr>
  );
}

type Queue = Queues['queues'][number];
