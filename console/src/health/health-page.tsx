import './health.css';

import { useEffect } from 'preact/hooks';

import { ask } from '../api/request.js';
import { may } from '../api/session-state.js';
import type { Health, OperationSeries, Queues, Workers } from '../api/types.js';
import { Fault } from '../look/fault.js';
import { type Reading, useRead } from '../look/use-read.js';
import { TEXTS } from '../texts.js';
import { Findings } from './findings.js';
import { Plots } from './plots.js';
import { QueueTable } from './queue-table.js';
import { WorkerTables } from './worker-tables.js';

/** Milliseconds between two readings. */
const AGAIN = 10_000;

/** How the whole is: what doctor finds, who serves which host, and how fast. */
export function HealthPage() {
  return (
    <div class="health">
      <h1>{TEXTS.pages.health}</h1>
      {may('netprov:health:get') ? <FindingsSection /> : null}
      {may('netprov:metrics:get') ? <PlotsSection /> : null}
      {may('netprov:metrics:get') ? <QueuesSection /> : null}
      {may('netprov:worker:list') ? <WorkersSection /> : null}
    </div>
  );
}

function FindingsSection() {
  const reading = useRepeated<Health>('/v1/health');
  return (
    <Section
      id="findings"
      title={TEXTS.health.findings}
      reading={reading}
      show={(health) => <Findings health={health} />}
    />
  );
}

function PlotsSection() {
  const reading = useRepeated<OperationSeries>('/v1/metrics/series');
  return (
    <Section id="plots" title={TEXTS.health.plots} reading={reading} show={(series) => <Plots series={series} />} />
  );
}

function QueuesSection() {
  const reading = useRepeated<Queues>('/v1/queues');
  return <Section id="queues" title={TEXTS.health.queues} reading={reading} show={(all) => <QueueTable all={all} />} />;
}

function WorkersSection() {
  const reading = useRepeated<Workers>('/v1/workers');
  return (
    <Section id="workers" title={TEXTS.health.workers} reading={reading} show={(all) => <WorkerTables all={all} />} />
  );
}

/** Reads again now and then, while the page is visible. */
function useRepeated<T>(path: string): Reading<T> {
  const reading = useRead<T>(path, (signal) => ask<T>('GET', path, undefined, signal));
  useEffect(() => {
    const timer = window.setInterval(() => {
      if (document.visibilityState === 'visible') reading.again();
    }, AGAIN);
    return () => {
      window.clearInterval(timer);
    };
  }, [reading.again]);
  return reading;
}

interface SectionProps<T> {
  id: string;
  title: string;
  reading: Reading<T>;
  show: (value: T) => preact.JSX.Element;
}

function Section<T>({ id, title, reading: { value, fault, again }, show }: SectionProps<T>) {
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {fault === null ? null : <Fault fault={fault} onAgain={again} />}
      {value === null ? fault === null ? <p class="quiet">{TEXTS.loading}</p> : null : show(value)}
    </section>
  );
}
