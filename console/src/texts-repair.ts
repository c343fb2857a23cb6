/** The texts of the page that puts right what went wrong. */
export const REPAIR_TEXTS = {
  parts: { letters: 'Dead letters', replay: 'Replay', reconcile: 'Reconcile', actions: 'What was done' },
  nothingAllowed: 'Your role allows none of this.',
  cancel: 'Cancel',
  busy: 'Working …',
  tryFirst: 'Show what it would do',
  statuses: { running: 'Under way', done: 'Done', failed: 'Failed', lost: 'Lost: the API process that did it died' },
  progress: (done: number, total: number) => `${done.toLocaleString('en')} of ${total.toLocaleString('en')}`,
  letters: {
    nothing: 'There are no dead letters.',
    more: 'There are more than are shown.',
    all: 'Choose all',
    columns: {
      method: 'Method',
      node: 'Node',
      reason: 'Reason',
      queue: 'Queue',
      last: 'Since',
      deaths: 'Times',
      operation: 'Operation',
    },
    unreadable: 'unreadable',
    force: 'also those that would come back',
    act: {
      requeue: (count: number) => (count === 1 ? 'Requeue 1' : `Requeue ${count}`),
      drop: (count: number) => (count === 1 ? 'Drop 1' : `Drop ${count}`),
    },
    confirm: {
      requeue: (count: number) => (count === 1 ? 'Requeue this dead letter?' : `Requeue these ${count} dead letters?`),
      drop: (count: number) => (count === 1 ? 'Drop this dead letter?' : `Drop these ${count} dead letters?`),
    },
    consequence: {
      requeue: 'They go back to their queues, and a worker does them again: their nodes may change networks.',
      drop: 'They are removed for good. What they asked for is not done.',
    },
    done: (count: number) =>
      count === 1 ? '1 dead letter is gone from the queue.' : `${count} dead letters are gone from the queue.`,
    stays: 'stays:',
  },
  replay: {
    about: 'Does requests of the journal again: after a lost database, or for what failed in an outage.',
    from: 'From',
    fromHint: 'Empty: the first request of the journal',
    to: 'To',
    toHint: 'Empty: the last request',
    node: 'Node (UUID)',
    conductor: 'Conductor host',
    rate: 'Requests per second',
    rateHint: 'Empty: no limit',
    failedOnly: 'Only failed requests',
    latest: 'For each node, only the last request of each kind',
    force: 'Also finished and outdated requests',
    would: (count: number) => `It would send ${requestsText(count)} again.`,
    did: (count: number) => `It sent ${requestsText(count)} again.`,
    counts: 'Requests by decision',
    sends: 'Requests that are sent again',
    more: (count: number) => `and ${count.toLocaleString('en')} more`,
    decision: 'Decision',
    queue: 'Queue',
    requests: 'Requests',
    act: (count: number) => `Replay ${count.toLocaleString('en')}`,
    confirm: (count: number) => `Send ${requestsText(count)} again?`,
    consequence: 'Workers do these requests again, in their order: their nodes may change networks.',
  },
  reconcile: {
    about: 'Compares what is on record with what Neutron has now. Workers can repair what differs.',
    nodes: 'Nodes (UUIDs)',
    nodesHint: 'Empty: all nodes',
    conductors: 'Conductor hosts',
    conductorsHint: 'In place of nodes',
    found: (differing: number, compared: number) =>
      `${differing.toLocaleString('en')} of ${compared.toLocaleString('en')} nodes ${differing === 1 ? 'differs' : 'differ'}.`,
    notCompared: (count: number) => `${count.toLocaleString('en')} could not be compared.`,
    comparedWithIronic: (count: number) => `${count.toLocaleString('en')} of them were compared with Ironic too.`,
    noIronic: (why: string) => `They could not be compared with Ironic: ${why}`,
    /** Which of the three sides says something else than the two others. */
    sides: {
      ironic_differs: 'Ironic differs',
      record_differs: 'The record differs',
      neutron_differs: 'Neutron differs',
    } as Readonly<Record<string, string>>,
    repaired: 'repaired',
    act: (count: number) => (count === 1 ? 'Repair 1 node' : `Repair ${count.toLocaleString('en')} nodes`),
    confirm: (count: number) =>
      count === 1 ? 'Repair this node?' : `Repair these ${count.toLocaleString('en')} nodes?`,
    consequence: 'Workers change Neutron so that it is as the record says.',
  },
  actions: {
    nothing: 'Nothing was done through this API yet.',
    columns: { began: 'Began', kind: 'What', who: 'Who', status: 'Status', took: 'Took' },
    kinds: {
      requeue: 'Requeue dead letters',
      drop: 'Drop dead letters',
      replay: 'Replay',
      reconciliation: 'Reconcile',
    },
    anybody: 'nobody had to log in',
    asked: 'What was asked for',
  },
} as const;

function requestsText(count: number): string {
  return count === 1 ? '1 request' : `${count.toLocaleString('en')} requests`;
}
