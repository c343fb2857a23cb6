import { type BoardLayout, cellAt } from './board-layout.js';
import type { Slots } from './slots.js';

/** The node that an arrow key leads to; null: the key is no arrow key, or there is no node. */
export function stepped(layout: BoardLayout, slots: Slots, from: string | null, key: string): string | null {
  const place = from === null ? null : slots.placeOf(from);
  const at = layout.columns.findIndex((column) => column.key === place?.key);
  const column = layout.columns[at];
  if (place === null || column === undefined) {
    return key.startsWith('Arrow') ? firstOf(layout.columns.map((one) => slots.cells(one.key)).flat()) : null;
  }
  const cells = slots.cells(column.key);
  switch (key) {
    case 'ArrowDown':
      return firstOf(cells.slice(place.slot + column.across));
    case 'ArrowUp':
      return firstOf(cells.slice(0, Math.max(0, place.slot - column.across + 1)).reverse());
    case 'ArrowRight':
      return (
        firstOf(cells.slice(place.slot + 1)) ??
        firstOf(layout.columns.slice(at + 1).flatMap((one) => slots.cells(one.key)))
      );
    case 'ArrowLeft':
      return (
        firstOf(cells.slice(0, place.slot).reverse()) ??
        firstOf(
          layout.columns
            .slice(0, at)
            .flatMap((one) => slots.cells(one.key))
            .reverse(),
        )
      );
    default:
      return null;
  }
}

function firstOf(cells: readonly (string | null)[]): string | null {
  return cells.find((id) => id !== null) ?? null;
}

/** Scrolls the board so that the node's cell can be seen. */
export function reveal(box: HTMLDivElement | null, layout: BoardLayout, slots: Slots, id: string): void {
  const place = slots.placeOf(id);
  const column = layout.columns.find(({ key }) => key === place?.key);
  if (box === null || place === null || column === undefined) return;
  const { x, y } = cellAt(layout, column, place.slot);
  if (x < box.scrollLeft || x + layout.cell.width > box.scrollLeft + box.clientWidth) box.scrollLeft = x - 40;
  if (y < box.scrollTop || y + layout.cell.height > box.scrollTop + box.clientHeight) box.scrollTop = y - 80;
}
