import { useState } from 'preact/hooks';

import { urlOf } from '../address.js';
import type { OperationSummary } from '../api/types.js';
import { durationText, now, timeText } from '../look/clock.js';
import { Link } from '../look/link.js';
import { stateAfter } from '../look/operation-mark.js';
import { methodText, TEXTS } from '../texts.js';
import { historyOf, type Stretch, stretchAt } from './history.js';

/** How far back the strip goes, in milliseconds. */
const SPANS = { hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const;
type Span = keyof typeof SPANS | 'all';

/** Steps of the slider. */
const STEPS = 2000;

/** Where the node was: a strip of networks, the operations below it, and a slider over the time. */
export function History({ operations }: { operations: readonly OperationSummary[] }) {
  const [span, setSpan] = useState<Span>('all');
  const [position, setPosition] = useState(STEPS);
  const stretches = historyOf(operations);
  const first = stretches[0]?.from;
  if (first === undefined) return null;
  const to = now.value;
  const from = span === 'all' ? first : Math.max(first, to - SPANS[span]);
  const at = from + ((to - from) * position) / STEPS;
  const part = (time: number): number => Math.min(1, Math.max(0, (time - from) / Math.max(1, to - from)));
  return (
    <section aria-labelledby="history" class="history">
      <h2 id="history">{TEXTS.node.history}</h2>
      <Spans span={span} onChoose={setSpan} />
      <div class="strip" aria-hidden="true">
        {stretches
          .filter((stretch) => stretch.to > from)
          .map((stretch) => (
            <Band key={stretch.operation.id} stretch={stretch} part={part} />
          ))}
        <div class="strip-cursor" style={{ left: percent(part(at)) }} />
      </div>
      <div class="bars" aria-hidden="true">
        {operations.map((operation) => (
          <Bar key={operation.id} operation={operation} from={from} part={part} />
        ))}
      </div>
      <input
        class="slider"
        type="range"
        min={0}
        max={STEPS}
        value={position}
        aria-label={TEXTS.node.slider}
        aria-valuetext={placeText(stretchAt(stretches, Math.min(at, to)), at)}
        onInput={({ currentTarget }) => {
          setPosition(Number(currentTarget.value));
        }}
      />
      <Told stretch={stretchAt(stretches, at)} at={at} />
    </section>
  );
}

function percent(part: number): string {
  return `${(part * 100).toFixed(3)}%`;
}

function Spans({ span, onChoose }: { span: Span; onChoose: (span: Span) => void }) {
  return (
    <div class="switch" role="group" aria-label={TEXTS.node.span}>
      {(['hour', 'day', 'week', 'all'] as const).map((one) => (
        <button
          type="button"
          key={one}
          aria-pressed={one === span}
          onClick={() => {
            onChoose(one);
          }}
        >
          {TEXTS.node.spans[one]}
        </button>
      ))}
    </div>
  );
}

type Part = (time: number) => number;

function Band({ stretch: { from, to, network }, part }: { stretch: Stretch; part: Part }) {
  const [left, right] = [part(from), part(to)];
  return (
    <div class={`band band-${network ?? 'none'}`} style={{ left: percent(left), width: percent(right - left) }}>
      <span>{TEXTS.networks[network ?? 'none']}</span>
    </div>
  );
}

/** An operation from its beginning to its end, at least a line wide. */
function Bar({ operation, from, part }: { operation: OperationSummary; from: number; part: Part }) {
  const [began, ended] = [Date.parse(operation.started_at), Date.parse(operation.finished_at ?? '') || now.value];
  if (ended < from) return null;
  return (
    <div
      class={`op-bar op-bar-${stateAfter(operation)}`}
      title={`${methodText(operation.method)}, ${durationText(ended - began)}`}
      style={{ left: percent(part(began)), width: percent(part(ended) - part(began)) }}
    />
  );
}

function placeText(stretch: Stretch | null, at: number): string {
  const place = stretch === null ? TEXTS.node.unknown : TEXTS.networks[stretch.network ?? 'none'];
  return `${timeText(new Date(at).toISOString())}: ${place}`;
}

function Told({ stretch, at }: { stretch: Stretch | null; at: number }) {
  return (
    <p>
      {placeText(stretch, at)}
      {stretch === null ? null : (
        <>
          {' · '}
          {TEXTS.node.movedBy}{' '}
          <Link href={urlOf(['operations', stretch.operation.id])}>{methodText(stretch.operation.method)}</Link>
          {', '}
          {timeText(new Date(stretch.from).toISOString())}
        </>
      )}
    </p>
  );
}
