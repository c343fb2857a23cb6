import { networkNames } from './network-names.js';

/** A network: its name, if it is known, and the begin of its UUID, because several can have one name. */
export function NetworkLabel({ id }: { id: string }) {
  const name = networkNames.value.get(id);
  return (
    <span class="network" title={id}>
      {name === undefined ? null : `${name} `}
      <code>{id.slice(0, 8)}</code>
    </span>
  );
}
