/** How a cell is drawn: with its name, as a mark in a box, or as a mark alone. */
type CellKind = 'card' | 'tile' | 'dot';

interface Cell {
  kind: CellKind;
  width: number;
  height: number;
  /** Pixels between it and the next. */
  gap: number;
  /** Pixels of the text in it. */
  text: number;
}

/** Pixels of the names in cells and headings. */
const TEXT = 13;

/** From the largest to the smallest. */
const CELLS: readonly Cell[] = [
  { kind: 'card', width: 148, height: 30, gap: 4, text: TEXT },
  { kind: 'card', width: 104, height: 26, gap: 4, text: TEXT },
  { kind: 'tile', width: 22, height: 22, gap: 3, text: TEXT },
  { kind: 'tile', width: 17, height: 17, gap: 3, text: TEXT },
  { kind: 'dot', width: 12, height: 12, gap: 2, text: TEXT },
];
const SMALLEST: Cell = { kind: 'dot', width: 8, height: 8, gap: 2, text: TEXT };

/** Pixels of a heading above its cells. */
const HEADING = 46;
const COLUMN_GAP = 20;
/** Room around all. */
const MARGIN = 12;
/** A heading needs so much. */
const NARROWEST = 116;
/** A screen this narrow gets the networks below each other. */
const PHONE = 620;

/** A network on the board: where its heading begins, and how its cells lie below. */
export interface BoardColumn {
  key: string;
  x: number;
  y: number;
  width: number;
  /** Cells beside each other. */
  across: number;
  /** Cells that fit before the board must be laid out again. */
  capacity: number;
}

export interface BoardLayout {
  cell: Cell;
  columns: readonly BoardColumn[];
  width: number;
  height: number;
  /** Pixels of a heading above its cells. */
  heading: number;
}

/** A network and how many cells it has. */
export interface ColumnSize {
  key: string;
  cells: number;
}

/** How much a screen on a wall may enlarge the board, from the most to the least. */
const ENLARGED = [4, 3.5, 3, 2.6, 2.3, 2, 1.8, 1.6, 1.4, 1.2] as const;

/**
 * Lays the networks out for a screen on a wall: as large as they fit without scrolling, first with names, else without.
 *
 * @param most how much larger than usual it may be, so that headings still fit
 */
export function layOutForWall(sizes: readonly ColumnSize[], width: number, height: number, most: number): BoardLayout {
  const enlarged = ENLARGED.filter((factor) => factor <= most)
    .map((factor) => ({ factor, layout: largestBeside(sizes, width / factor, height / factor) }))
    .filter(({ factor, layout }) => layout.width * factor <= width && layout.height * factor <= height + 1);
  // Whole names are worth more than size, and names more than none.
  const best =
    enlarged.find(({ layout }) => layout.cell === CELLS[0]) ??
    enlarged.find(({ layout }) => layout.cell.kind === 'card') ??
    enlarged[0];
  const usual = largestBeside(sizes, width, height);
  return best === undefined || (usual.cell.kind === 'card' && best.layout.cell.kind !== 'card')
    ? usual
    : scaled(best.layout, best.factor);
}

function scaled({ cell, columns, width, height, heading }: BoardLayout, factor: number): BoardLayout {
  const { kind, ...sizes } = cell;
  return {
    cell: {
      kind,
      width: sizes.width * factor,
      height: sizes.height * factor,
      gap: sizes.gap * factor,
      text: sizes.text * factor,
    },
    columns: columns.map((column) => ({
      ...column,
      x: column.x * factor,
      y: column.y * factor,
      width: column.width * factor,
    })),
    width: width * factor,
    height: height * factor,
    heading: heading * factor,
  };
}

/** Lays the networks out beside each other, with the largest cells that fit; on a phone, below each other. */
export function layOut(sizes: readonly ColumnSize[], width: number, height: number): BoardLayout {
  return width < PHONE ? stacked(sizes, width) : largestBeside(sizes, width, height);
}

function largestBeside(sizes: readonly ColumnSize[], width: number, height: number): BoardLayout {
  for (const cell of CELLS) {
    const layout = beside(sizes, cell, rowsIn(height, cell));
    if (layout.width <= width) return layout;
  }
  return beside(sizes, SMALLEST, rowsIn(height, SMALLEST));
}

function rowsIn(height: number, cell: Cell): number {
  return Math.max(1, Math.floor((height - 2 * MARGIN - HEADING) / (cell.height + cell.gap)));
}

/** Nodes may arrive without everything shifting. */
function withReserve(cells: number): number {
  return cells + Math.ceil(cells / 12) + 1;
}

function beside(sizes: readonly ColumnSize[], cell: Cell, rows: number): BoardLayout {
  let x = MARGIN;
  const columns = sizes.map(({ key, cells }) => {
    const least = Math.max(1, Math.floor((NARROWEST + cell.gap) / (cell.width + cell.gap)));
    const across = Math.max(least, Math.ceil(withReserve(cells) / rows));
    const width = Math.max(NARROWEST, across * (cell.width + cell.gap) - cell.gap);
    const column = { key, x, y: MARGIN, width, across, capacity: across * rows };
    x += width + COLUMN_GAP;
    return column;
  });
  const height = 2 * MARGIN + HEADING + rows * (cell.height + cell.gap);
  return { cell, columns, width: x - COLUMN_GAP + MARGIN, height, heading: HEADING };
}

function stacked(sizes: readonly ColumnSize[], width: number): BoardLayout {
  const total = sizes.reduce((sum, { cells }) => sum + cells, 0);
  const cell = (total <= 60 ? CELLS[0] : total <= 600 ? CELLS[2] : CELLS[4]) ?? SMALLEST;
  const room = width - 2 * MARGIN;
  const across = Math.max(1, Math.floor((room + cell.gap) / (cell.width + cell.gap)));
  let y = MARGIN;
  const columns = sizes.map(({ key, cells }) => {
    const rows = Math.max(1, Math.ceil(withReserve(cells) / across));
    const column = { key, x: MARGIN, y, width: room, across, capacity: across * rows };
    y += HEADING + rows * (cell.height + cell.gap) + COLUMN_GAP;
    return column;
  });
  return { cell, columns, width, height: y, heading: HEADING };
}

/** Where a cell is, from the top left of the board. */
export function cellAt({ cell, heading }: BoardLayout, column: BoardColumn, slot: number): { x: number; y: number } {
  return {
    x: column.x + (slot % column.across) * (cell.width + cell.gap),
    y: column.y + heading + Math.floor(slot / column.across) * (cell.height + cell.gap),
  };
}

/** The column and the slot at a point of the board; null: there is none. */
export function slotAt(layout: BoardLayout, x: number, y: number): { key: string; slot: number } | null {
  const { cell, heading } = layout;
  for (const column of layout.columns) {
    const across = Math.floor((x - column.x) / (cell.width + cell.gap));
    const down = Math.floor((y - column.y - heading) / (cell.height + cell.gap));
    const slot = down * column.across + across;
    if (across >= 0 && across < column.across && down >= 0 && slot < column.capacity) return { key: column.key, slot };
  }
  return null;
}
