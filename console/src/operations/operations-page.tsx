import './operations.css';

import { useEffect, useState } from 'preact/hooks';

import { address, parameterOf } from '../address.js';
import { follow, type OperationEvent } from '../api/live.js';
import { ask } from '../api/request.js';
import type { OperationSummary } from '../api/types.js';
import { Fault } from '../look/fault.js';
import { OperationTable } from '../look/operation-table.js';
import { useRead } from '../look/use-read.js';
import { useSoon } from '../look/use-soon.js';
import { TEXTS } from '../texts.js';
import { DurationTable } from './duration-table.js';
import { durationsOf } from './durations.js';
import { FILTERS, OperationFilters } from './operation-filters.js';

/** Operations of a page, and how many are kept while new ones come in. */
const PAGE = 200;
const MOST = 2000;

interface OperationPage {
  operations: OperationSummary[];
  next?: string;
}

/** What workers did and do, live. */
export function OperationsPage() {
  const query = queryInAddress();
  const { value, fault, again } = useRead(query, (signal) =>
    ask<OperationPage>('GET', `/v1/operations?${query}`, undefined, signal),
  );
  const [fresh, setFresh] = useState<ReadonlyMap<string, OperationSummary>>(new Map());
  const [older, setOlder] = useState<{ operations: OperationSummary[]; more: boolean }>({ operations: [], more: true });
  const soon = useSoon(again, 300);
  useEffect(() => {
    setFresh(new Map());
    setOlder({ operations: [], more: true });
    return follow({
      onEvent: ({ operation }: OperationEvent) => {
        if (matches(operation)) setFresh((before) => withNewest(before, operation));
      },
      onReset: soon,
    });
  }, [query]);
  if (value === null)
    return fault === null ? <p class="quiet">{TEXTS.loading}</p> : <Fault fault={fault} onAgain={again} />;
  const shown = merged(fresh, [...value.operations, ...older.operations]);
  const last = shown.at(-1);
  const readOlder = async (): Promise<void> => {
    const page = await ask<OperationPage>('GET', `/v1/operations?${query}&marker=${last?.id ?? ''}`);
    setOlder((before) => ({
      operations: [...before.operations, ...page.operations],
      more: page.operations.length === PAGE,
    }));
  };
  return (
    <div class="operations">
      <h1>{TEXTS.pages.operations}</h1>
      <OperationFilters />
      {fault === null ? null : <Fault fault={fault} onAgain={again} />}
      {shown.length === 0 ? (
        <p class="quiet">{TEXTS.operations.nothing}</p>
      ) : (
        <>
          <DurationTable durations={durationsOf(shown)} />
          <OperationTable operations={shown} />
          {value.operations.length === PAGE && older.more ? (
            <button type="button" onClick={() => void readOlder().catch(soon)}>
              {TEXTS.operations.older}
            </button>
          ) : null}
        </>
      )}
    </div>
  );
}

/** The query for the API: the filters in the address, as they stand there. */
function queryInAddress(): string {
  const query = new URLSearchParams({ limit: String(PAGE) });
  for (const name of FILTERS) if (parameterOf(name) !== '') query.set(name, parameterOf(name));
  return query.toString();
}

/** Whether an operation matches the filters of the address. A node's name is known to the API alone. */
function matches(operation: OperationSummary): boolean {
  const { query } = address.peek();
  const wanted = (name: string, value: string | null): boolean => !query.get(name) || query.get(name) === value;
  return (
    wanted('status', operation.status) &&
    wanted('method', operation.method) &&
    wanted('conductor', operation.conductor_host) &&
    wanted('request_id', operation.request_id) &&
    wanted('node', operation.node_uuid)
  );
}

function withNewest(
  before: ReadonlyMap<string, OperationSummary>,
  operation: OperationSummary,
): ReadonlyMap<string, OperationSummary> {
  const after = new Map(before).set(operation.id, operation);
  for (const id of after.keys()) {
    if (after.size <= MOST) break;
    after.delete(id);
  }
  return after;
}

/** Each operation once, as it was heard of last, the newest first. */
function merged(fresh: ReadonlyMap<string, OperationSummary>, read: readonly OperationSummary[]): OperationSummary[] {
  const all = new Map(read.map((operation) => [operation.id, operation]));
  for (const [id, operation] of fresh) {
    const known = all.get(id);
    if (known?.finished_at == null || operation.finished_at !== null) all.set(id, operation);
  }
  return [...all.values()].sort((one, other) => other.started_at.localeCompare(one.started_at));
}
