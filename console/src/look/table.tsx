import type { ComponentChildren } from 'preact';

interface TableProps {
  /** What it is a table of. */
  label: string;
  names: readonly string[];
  /** A heading without a name before the others, such as a box that chooses all rows. */
  first?: ComponentChildren;
  /** The rows. */
  children: ComponentChildren;
}

/** A table with named columns. Where it is too wide for the screen it scrolls, also with the keyboard. */
export function Table({ label, names, first, children }: TableProps) {
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={label}>
      <table>
        <thead>
          <tr>
            {first === undefined ? null : <th scope="col">{first}</th>}
            {names.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
