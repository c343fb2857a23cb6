import { byColumnOrder, type FleetNode, isTenantColumn, USUAL_COLUMNS } from './fleet-node.js';

/** The cells of one network. A cell keeps its place while its node stays. */
interface Column {
  cells: (string | null)[];
  slotOf: Map<string, number>;
}

/** A cell of a column. */
export interface SlotPlace {
  key: string;
  slot: number;
}

/** Which node is in which cell of which column. */
export class Slots {
  readonly #columns = new Map<string, Column>();
  readonly #columnsOf = new Map<string, readonly string[]>();

  /** The keys of the columns and their numbers of cells, in the order in which they are shown. */
  sizes(): { key: string; cells: number }[] {
    return [...this.#columns]
      .map(([key, { cells }]) => ({ key, cells: cells.length }))
      .sort((one, other) => byColumnOrder(one.key, other.key));
  }

  /** How many nodes are in a column. */
  count(key: string): number {
    return this.#columns.get(key)?.slotOf.size ?? 0;
  }

  cells(key: string): readonly (string | null)[] {
    return this.#columns.get(key)?.cells ?? [];
  }

  /** The first column and the slot of a node; null: the board does not show it. */
  placeOf(id: string): SlotPlace | null {
    return this.placesOf(id)[0] ?? null;
  }

  /** All cells of a node. */
  placesOf(id: string): SlotPlace[] {
    return (this.#columnsOf.get(id) ?? []).flatMap((key) => {
      const slot = this.#columns.get(key)?.slotOf.get(id);
      return slot === undefined ? [] : [{ key, slot }];
    });
  }

  /** Puts nodes in, sorted by their names, without gaps. */
  fill(nodes: Iterable<FleetNode>): void {
    this.#columns.clear();
    this.#columnsOf.clear();
    for (const key of USUAL_COLUMNS) this.#columns.set(key, { cells: [], slotOf: new Map() });
    const sorted = [...nodes].sort((one, other) => NATURAL.compare(one.label, other.label));
    for (const node of sorted) this.#add(node);
  }

  /**
   * Takes over what changed since: nodes that moved get the first free cells of their new columns, and no other node
   * loses its cell.
   *
   * @returns where the nodes that moved were before, by their ids
   */
  update(nodes: ReadonlyMap<string, FleetNode>): Map<string, SlotPlace> {
    const moved = new Map<string, SlotPlace>();
    for (const [id, columns] of this.#columnsOf) {
      const node = nodes.get(id);
      if (node !== undefined && sameColumns(columns, node.columns)) continue;
      const from = this.placeOf(id);
      if (node !== undefined && from !== null) moved.set(id, from);
      this.#remove(id, columns);
    }
    for (const node of nodes.values()) if (!this.#columnsOf.has(node.id)) this.#add(node);
    return moved;
  }

  #add({ id, columns }: FleetNode): void {
    this.#columnsOf.set(id, columns);
    for (const key of columns) {
      const column = this.#columns.get(key) ?? { cells: [], slotOf: new Map<string, number>() };
      this.#columns.set(key, column);
      const free = column.slotOf.size === column.cells.length ? -1 : column.cells.indexOf(null);
      const slot = free === -1 ? column.cells.length : free;
      column.cells[slot] = id;
      column.slotOf.set(id, slot);
    }
  }

  #remove(id: string, columns: readonly string[]): void {
    this.#columnsOf.delete(id);
    for (const key of columns) {
      const column = this.#columns.get(key);
      const slot = column?.slotOf.get(id);
      if (column === undefined || slot === undefined) continue;
      column.slotOf.delete(id);
      column.cells[slot] = null;
      while (column.cells.at(-1) === null) column.cells.pop();
      // Tenant networks come and go.
      if (column.slotOf.size === 0 && isTenantColumn(key)) this.#columns.delete(key);
    }
  }
}

/** node-2 comes before node-10. */
const NATURAL = new Intl.Collator('en', { numeric: true });

function sameColumns(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((key, at) => key === others[at]);
}
