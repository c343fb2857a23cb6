import { parameterOf, setParameters } from '../address.js';
import { TEXTS } from '../texts.js';

/** The API's parameters that are filters, as they stand in the address. */
export const FILTERS = ['status', 'method', 'node', 'conductor', 'request_id'] as const;
type Filter = (typeof FILTERS)[number];

const METHODS = [
  ...['provisioning', 'cleaning', 'rescuing', 'inspection', 'servicing'].flatMap((network) => [
    `add_${network}_network`,
    `remove_${network}_network`,
  ]),
  'configure_tenant_networks',
  'unconfigure_tenant_networks',
  'vif_attach',
  'vif_detach',
  'port_changed',
  'portgroup_changed',
  'reattach',
  'update_dhcp_options',
  'reconcile',
];

/** Filters of the list. What is typed counts when it is complete. */
export function OperationFilters() {
  return (
    <section class="filters" aria-label={TEXTS.operations.filters}>
      <Choice
        name="status"
        label={TEXTS.operations.status}
        values={Object.entries(TEXTS.operation.statuses).map(([value, text]) => ({ value, text }))}
      />
      <Choice
        name="method"
        label={TEXTS.operations.method}
        values={METHODS.map((value) => ({ value, text: value.replaceAll('_', ' ') }))}
      />
      <Typed name="node" label={TEXTS.operations.node} />
      <Typed name="conductor" label={TEXTS.operations.host} />
      <Typed name="request_id" label={TEXTS.operations.requestId} />
    </section>
  );
}

interface ChoiceProps {
  name: Filter;
  label: string;
  values: readonly { value: string; text: string }[];
}

function Choice({ name, label, values }: ChoiceProps) {
  return (
    <select
      aria-label={label}
      value={parameterOf(name)}
      onChange={({ currentTarget }) => {
        setParameters({ [name]: currentTarget.value });
      }}
    >
      <option value="">{`${label}: ${TEXTS.operations.any.toLowerCase()}`}</option>
      {values.map(({ value, text }) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  );
}

function Typed({ name, label }: { name: Filter; label: string }) {
  return (
    <input
      type="search"
      aria-label={label}
      placeholder={label}
      value={parameterOf(name)}
      maxLength={255}
      onChange={({ currentTarget }) => {
        setParameters({ [name]: currentTarget.value.trim() });
      }}
    />
  );
}
