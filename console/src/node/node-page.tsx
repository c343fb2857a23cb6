import './node.css';

import { useEffect } from 'preact/hooks';

import { follow } from '../api/live.js';
import { ask } from '../api/request.js';
import type { Node, NodeInNeutron, NodeNetwork } from '../api/types.js';
import { Fault } from '../look/fault.js';
import { stateAfter } from '../look/operation-mark.js';
import { OperationTable } from '../look/operation-table.js';
import { StateMark } from '../look/state-mark.js';
import { Lasted } from '../look/time.js';
import { type Reading, useRead } from '../look/use-read.js';
import { useSoon } from '../look/use-soon.js';
import { TEXTS } from '../texts.js';
import { History } from './history-view.js';
import { NeutronView } from './neutron-view.js';
import { type NodeReading, readNode } from './node-reading.js';
import { attachmentsOf } from './wiring.js';
import { WiringPicture } from './wiring-picture.js';

/** Milliseconds after an event until the node is read again. */
const READ_AFTER = 400;

/** One node: where it is, how it is wired, and what happened to it. */
export function NodePage({ ident }: { ident: string }) {
  const { value, fault, again } = useRead(ident, (signal) => readNode(ident, signal));
  const neutron = useRead(`${ident} neutron`, (signal) =>
    ask<NodeInNeutron>('GET', `/v1/nodes/${encodeURIComponent(ident)}/neutron`, undefined, signal),
  );
  const soon = useSoon(() => {
    again();
    neutron.again();
  }, READ_AFTER);
  const uuid = value?.node.uuid;
  useEffect(
    () =>
      follow({
        onEvent: ({ operation }) => {
          // A node that is not on record yet is read again with its first operation.
          if (operation.node_uuid === (uuid ?? ident)) soon();
        },
        onReset: soon,
      }),
    [uuid, ident],
  );
  useEffect(() => {
    if (value !== null) document.title = `${value.node.name ?? ident} – ${TEXTS.name}`;
  }, [value]);
  return (
    <div class="node">
      {fault === null ? null : <Fault fault={fault} onAgain={again} />}
      {value === null ? (
        fault === null ? (
          <p class="quiet">{TEXTS.loading}</p>
        ) : null
      ) : (
        <Whole reading={value} neutron={neutron} />
      )}
    </div>
  );
}

function Whole({ reading, neutron }: { reading: NodeReading; neutron: Reading<NodeInNeutron> }) {
  const { node, network, ports, portgroups, vifs, operations } = reading;
  const attachments = attachmentsOf(ports, portgroups, network?.bindings ?? []);
  return (
    <>
      <Title reading={reading} />
      <section aria-labelledby="wiring">
        <h2 id="wiring">{TEXTS.node.wiring}</h2>
        {attachments.length === 0 ? (
          <p class="quiet">{TEXTS.node.noPorts}</p>
        ) : (
          <WiringPicture attachments={attachments} networks={neutron.value?.networks ?? []} />
        )}
      </section>
      <NeutronView reading={neutron} node={node.uuid ?? ''} />
      {operations === null ? null : (
        <>
          <History operations={operations} />
          <section aria-labelledby="operations">
            <h2 id="operations">{TEXTS.pages.operations}</h2>
            {operations.length === 0 ? (
              <p class="quiet">{TEXTS.node.noOperations}</p>
            ) : (
              <OperationTable operations={operations} ofOneNode />
            )}
          </section>
        </>
      )}
      <section aria-labelledby="record">
        <h2 id="record">{TEXTS.node.record}</h2>
        <Record node={node} vifs={vifs} />
      </section>
    </>
  );
}

function Title({ reading: { node, network, operations } }: { reading: NodeReading }) {
  const latest = operations?.[0];
  return (
    <header class="node-title">
      <h1>
        {latest === undefined ? null : <StateMark state={stateAfter(latest)} />} {node.name ?? node.uuid}
      </h1>
      <p>
        {latest === undefined ? null : `${TEXTS.states[stateAfter(latest)]} · `}
        {network === null ? null : <Place network={network} />}
        <code class="quiet">{node.uuid}</code>
      </p>
    </header>
  );
}

function Place({ network: { network_type: type, since } }: { network: NodeNetwork }) {
  return (
    <>
      <strong>{TEXTS.networks[type ?? 'none']}</strong>
      {since === null ? null : (
        <>
          {' '}
          {TEXTS.node.since} <Lasted since={since} />
        </>
      )}
      {' · '}
    </>
  );
}

function Record({ node, vifs }: { node: Node; vifs: string[] | null }) {
  const rows: [string, string | null | undefined][] = [
    [TEXTS.fleet.provider, node.network_provider ?? TEXTS.fleet.defaultProvider],
    [TEXTS.fleet.host, node.conductor],
    [TEXTS.node.provisionState, node.provision_state],
    [TEXTS.node.instance, node.instance_uuid],
    [TEXTS.node.owner, node.owner],
    [TEXTS.node.lessee, node.lessee],
    [TEXTS.node.description, node.description],
  ];
  return (
    <>
      <dl class="facts">
        {rows.map(([name, value]) =>
          value == null || value === '' ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
        {vifs === null ? null : (
          <div>
            <dt>{TEXTS.node.vifs}</dt>
            <dd>{vifs.length === 0 ? TEXTS.none : vifs.map((id) => <code key={id}>{id}</code>)}</dd>
          </div>
        )}
      </dl>
      {Object.keys(node.network_data ?? {}).length === 0 ? null : (
        <details>
          <summary>{TEXTS.node.networkData}</summary>
          <pre tabIndex={0}>{JSON.stringify(node.network_data, null, 2)}</pre>
        </details>
      )}
    </>
  );
}
