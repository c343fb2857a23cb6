import { useEffect, useMemo, useState } from 'preact/hooks';

import { parameterOf } from '../address.js';
import { Fault } from '../look/fault.js';
import { isWall } from '../look/wall.js';
import { TEXTS } from '../texts.js';
import { Attention } from './attention.js';
import { Board } from './board.js';
import { filterInAddress, hasState, matchesWithoutState } from './filter.js';
import { Fleet } from './fleet.js';
import { FleetFilters } from './fleet-filters.js';
import type { FleetNode } from './fleet-node.js';
import { FleetTable } from './fleet-table.js';
import { WallStrip } from './wall-strip.js';

/** Which node is on which network, live. */
export function FleetPage() {
  const [fleet] = useState(() => new Fleet());
  useEffect(() => fleet.start(), []);
  const changes = fleet.changes.value;
  const filter = filterInAddress();
  const filterKey = `${filter.name}|${filter.host}|${filter.provider}|${[...filter.states].join()}|${fleet.loaded.value}`;
  const { counted, shown } = useMemo(() => {
    const matching = [...fleet.nodes.values()].filter((node) => matchesWithoutState(node, filter));
    const found = matching.filter((node) => hasState(node, filter));
    return { counted: matching, shown: new Map<string, FleetNode>(found.map((node) => [node.id, node])) };
  }, [changes, filterKey]);
  const view = isWall.value ? 'wall' : parameterOf('view') === 'table' ? 'table' : 'board';
  return (
    <div class="fleet">
      <h1 class="sr">{TEXTS.pages.fleet}</h1>
      {view === 'wall' ? (
        <WallStrip counted={counted} />
      ) : (
        <FleetFilters nodes={fleet.nodes} counted={counted} shown={shown.size} filter={filter} view={view} />
      )}
      {fleet.fault.value === null ? null : <Fault fault={fleet.fault.value} onAgain={() => void fleet.readAll()} />}
      {fleet.loaded.value ? (
        <div class="fleet-body">
          <div class="fleet-main">
            {shown.size === 0 ? (
              <p class="quiet">{fleet.nodes.size === 0 ? TEXTS.fleet.nothing : TEXTS.fleet.noMatch}</p>
            ) : view === 'table' ? (
              <FleetTable nodes={shown} />
            ) : (
              <Board nodes={shown} filterKey={filterKey} />
            )}
          </div>
          <Attention nodes={counted} />
        </div>
      ) : fleet.fault.value === null ? (
        <p class="quiet">{TEXTS.loading}</p>
      ) : null}
    </div>
  );
}
