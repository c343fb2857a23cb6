import { address, setParameters, urlOf } from '../address.js';
import { Link } from '../look/link.js';
import { NODE_STATES, type NodeState, StateMark } from '../look/state-mark.js';
import { TEXTS } from '../texts.js';
import { countByState, type FleetFilter, NOT_SET } from './filter.js';
import type { FleetNode } from './fleet-node.js';

interface FleetFiltersProps {
  nodes: ReadonlyMap<string, FleetNode>;
  /** The nodes that match all filters but that by state. */
  counted: readonly FleetNode[];
  /** How many nodes match all filters. */
  shown: number;
  filter: FleetFilter;
  view: 'board' | 'table';
}

/** The filters, which stand in the address, and how many nodes are in each state. */
export function FleetFilters({ nodes, counted, shown, filter, view }: FleetFiltersProps) {
  const all = [...nodes.values()];
  const hosts = valuesOf(all, ({ place }) => place.conductor);
  const providers = valuesOf(all, ({ place }) => place.network_provider);
  const active = filter.name + filter.host + filter.provider !== '' || filter.states.size > 0;
  return (
    <section class="filters" aria-label={TEXTS.fleet.filters}>
      <States counted={counted} chosen={filter.states} />
      <input
        type="search"
        aria-label={TEXTS.fleet.name}
        placeholder={TEXTS.fleet.name}
        value={filter.name}
        maxLength={255}
        onInput={({ currentTarget }) => {
          setParameters({ name: currentTarget.value });
        }}
      />
      <Choice name="host" label={TEXTS.fleet.host} value={filter.host} values={hosts} unset={TEXTS.fleet.noHost} />
      <Choice
        name="provider"
        label={TEXTS.fleet.provider}
        value={filter.provider}
        values={providers}
        unset={TEXTS.fleet.defaultProvider}
      />
      {active ? (
        <button
          type="button"
          onClick={() => {
            setParameters({ name: '', host: '', provider: '', state: '' });
          }}
        >
          {TEXTS.fleet.clear}
        </button>
      ) : null}
      <span class="filters-end">
        <span class="quiet">{TEXTS.fleet.nodes(shown)}</span>
        <Views view={view} />
      </span>
    </section>
  );
}

/** How many nodes are in each state; a click shows these only. */
function States({ counted, chosen }: { counted: readonly FleetNode[]; chosen: ReadonlySet<NodeState> }) {
  const toggle = (state: NodeState): void => {
    const states = chosen.has(state) ? [...chosen].filter((one) => one !== state) : [...chosen, state];
    setParameters({ state: states.join(',') });
  };
  const counts = countByState(counted);
  return (
    <div class="states" role="group" aria-label={TEXTS.fleet.state}>
      {[...NODE_STATES].reverse().map((state) => (
        <button
          type="button"
          key={state}
          class={`state state-${state}`}
          aria-pressed={chosen.has(state)}
          title={TEXTS.stateMeanings[state]}
          onClick={() => {
            toggle(state);
          }}
        >
          <StateMark state={state} /> {TEXTS.states[state]} <b>{(counts.get(state) ?? 0).toLocaleString('en')}</b>
        </button>
      ))}
    </div>
  );
}

interface ChoiceProps {
  name: string;
  label: string;
  value: string;
  values: readonly string[];
  /** What nodes without a value are called. */
  unset: string;
}

function Choice({ name, label, value, values, unset }: ChoiceProps) {
  if (values.length < 2 && value === '') return null;
  const offered = values.includes(value) || value === '' ? values : [...values, value];
  return (
    <select
      aria-label={label}
      value={value}
      onChange={({ currentTarget }) => {
        setParameters({ [name]: currentTarget.value });
      }}
    >
      <option value="">{`${label}: ${TEXTS.fleet.any.toLowerCase()}`}</option>
      {offered.map((one) => (
        <option key={one} value={one}>
          {one === NOT_SET ? unset : one}
        </option>
      ))}
    </select>
  );
}

function Views({ view }: { view: 'board' | 'table' }) {
  return (
    <span class="switch" role="group" aria-label={TEXTS.fleet.view}>
      <button
        type="button"
        aria-pressed={view === 'board'}
        onClick={() => {
          setParameters({ view: '', page: '' });
        }}
      >
        {TEXTS.fleet.board}
      </button>
      <button
        type="button"
        aria-pressed={view === 'table'}
        onClick={() => {
          setParameters({ view: 'table' });
        }}
      >
        {TEXTS.fleet.table}
      </button>
      <Link class="button" href={urlOf([], { ...Object.fromEntries(address.value.query), view: 'wall', page: '' })}>
        {TEXTS.fleet.wall}
      </Link>
    </span>
  );
}

function valuesOf(nodes: readonly FleetNode[], of: (node: FleetNode) => string | null): string[] {
  return [...new Set(nodes.map((node) => of(node) ?? NOT_SET))].sort();
}
