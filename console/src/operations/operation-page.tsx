import './operations.css';

import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';

import { urlOf } from '../address.js';
import { follow } from '../api/live.js';
import { ask } from '../api/request.js';
import type { Binding, Operation } from '../api/types.js';
import { durationText, now } from '../look/clock.js';
import { Fault } from '../look/fault.js';
import { Link } from '../look/link.js';
import { stateAfter } from '../look/operation-mark.js';
import { StateMark } from '../look/state-mark.js';
import { Moment } from '../look/time.js';
import { useRead } from '../look/use-read.js';
import { methodText, TEXTS } from '../texts.js';

const WORDS = TEXTS.operation;

/** One operation: what happened, in its order. */
export function OperationPage({ id }: { id: string }) {
  const { value, fault, again } = useRead(id, (signal) =>
    ask<Operation>('GET', `/v1/operations/${encodeURIComponent(id)}`, undefined, signal),
  );
  useEffect(
    () =>
      follow({
        onEvent: ({ operation }) => {
          if (operation.id === id) again();
        },
        onReset: again,
      }),
    [id],
  );
  return (
    <div class="operation">
      {fault === null ? null : <Fault fault={fault} onAgain={again} />}
      {value === null ? fault === null ? <p class="quiet">{TEXTS.loading}</p> : null : <Told operation={value} />}
    </div>
  );
}

function Told({ operation }: { operation: Operation }) {
  const { method, id, node_uuid: node, request_id: request, standing, result } = operation;
  return (
    <>
      <h1>
        <StateMark state={stateAfter(operation)} named /> {methodText(method)}
      </h1>
      <Story operation={operation} />
      <dl class="facts">
        {node === null ? null : (
          <Fact name={WORDS.node}>
            <Link href={urlOf(['nodes', node])}>
              <code>{node}</code>
            </Link>
          </Fact>
        )}
        {request === null ? null : (
          <Fact name={WORDS.requestId}>
            <Link href={urlOf(['operations'], { request_id: request })}>
              <code>{request}</code>
            </Link>
          </Fact>
        )}
        <Fact name={WORDS.id}>
          <code>{id}</code>
        </Fact>
        <Fact name={WORDS.kind}>{operation.kind}</Fact>
        {operation.epoch === null ? null : <Fact name={WORDS.epoch}>{operation.epoch}</Fact>}
        <Fact name={WORDS.encoding}>{operation.content_type ?? 'JSON'}</Fact>
      </dl>
      {standing.length === 0 ? null : <Standing bindings={standing} />}
      {result === null ? null : <Result result={result} />}
    </>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** From its receipt to its outcome. */
function Story({ operation }: { operation: Operation }) {
  const { started_at: began, finished_at: ended, status, attempts, last_error: error, owed_to: owed } = operation;
  const { conductor_host: host, network_provider: provider, begun } = operation;
  const took = durationText((ended === null ? now.value : Date.parse(ended)) - Date.parse(began));
  return (
    <section aria-labelledby="story">
      <h2 id="story">{WORDS.story}</h2>
      <ol class="story">
        <li>
          {WORDS.received} {host === null ? WORDS.fromAny : WORDS.fromHost(host)}
          {provider === null ? '' : `, ${WORDS.byProvider(provider)}`}
          {': '}
          <Moment time={began} />
        </li>
        {begun > 0 ? <li>{WORDS.crashed(begun)}</li> : null}
        <li>
          {attempts === 0 ? WORDS.waits : WORDS.tried(attempts)}
          {status === 'running' && error !== null ? (
            <>
              ; {WORDS.lastReason}: <span class="error-text">{error}</span>
            </>
          ) : null}
        </li>
        <li>
          {status === 'running' ? WORDS.statuses.running : WORDS.ended[status]} {WORDS.after} {took}
          {ended === null ? null : (
            <>
              {': '}
              <Moment time={ended} />
            </>
          )}
          {status === 'failed' ? <p class="error-text">{error}</p> : null}
        </li>
        {owed === null ? null : <li>{WORDS.owed(owed)}</li>}
      </ol>
    </section>
  );
}

function Standing({ bindings }: { bindings: readonly Binding[] }) {
  return (
    <section aria-labelledby="standing">
      <h2 id="standing">{WORDS.standing}</h2>
      <ul>
        {bindings.map(({ id, network_type: type, neutron_port_id: port, mac_address: mac, status, fixed_ips }) => (
          <li key={id}>
            {TEXTS.networks[type]}: <code>{mac}</code>, <code>{port}</code>, {status}
            {fixed_ips.map(({ ip_address: ip }) => `, ${ip}`)}
          </li>
        ))}
      </ul>
    </section>
  );
}

interface Reason {
  port_uuid?: string;
  portgroup_uuid?: string;
  reason: string;
}

function Result({ result }: { result: NonNullable<Operation['result']> }) {
  return (
    <section aria-labelledby="result">
      <h2 id="result">{WORDS.result}</h2>
      <Reasons name={WORDS.failures} reasons={result['failures'] as Reason[] | undefined} />
      <Reasons name={WORDS.warnings} reasons={result['warnings'] as Reason[] | undefined} />
      <details>
        <summary>{WORDS.resultJson}</summary>
        <pre tabIndex={0}>{JSON.stringify(result, null, 2)}</pre>
      </details>
    </section>
  );
}

function Reasons({ name, reasons = [] }: { name: string; reasons?: readonly Reason[] | undefined }) {
  if (reasons.length === 0) return null;
  return (
    <>
      <h3>{name}</h3>
      <ul>
        {reasons.map(({ port_uuid: port, portgroup_uuid: group, reason }) => (
          <li key={`${port ?? group ?? ''}${reason}`}>
            <code>{port ?? group}</code> <span class="error-text">{reason}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
