import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import { go, urlOf } from '../address.js';
import { themeChanges } from '../look/theme.js';
import { isWall, wallFactor } from '../look/wall.js';
import { TEXTS } from '../texts.js';
import { reveal, stepped } from './board-cursor.js';
import { type BoardLayout, cellAt, layOut, layOutForWall, slotAt } from './board-layout.js';
import { BoardPainter } from './board-painter.js';
import { columnName, type FleetNode } from './fleet-node.js';
import { NetworkLabel } from './network-label.js';
import { NodeNote } from './node-note.js';
import { type SlotPlace, Slots } from './slots.js';

/** Most cells that glide when the columns are laid out anew. */
const MOST_GLIDES = 1000;

interface BoardProps {
  /** The nodes that match the filters. */
  nodes: ReadonlyMap<string, FleetNode>;
  /** Changes when the filters change: the cells are then sorted again. */
  filterKey: string;
}

interface Size {
  width: number;
  height: number;
}

/** Networks as columns, and nodes as cells that move. The cells are painted on a canvas, the rest is HTML. */
export function Board({ nodes, filterKey }: BoardProps) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { painter, size } = usePainter(box, canvas);
  const [slots] = useState(() => new Slots());
  const [cursor, setCursor] = useState<string | null>(null);
  const layout = useLayout({ nodes, slots, size, filterKey, painter });
  useEffect(() => {
    if (layout !== null) painter?.show({ layout, slots, nodes, cursor });
  });
  const at = (event: MouseEvent): string | null => nodeAt(event, box.current, layout, slots);
  const onKey = (event: KeyboardEvent): void => {
    if (layout === null) return;
    if (event.key === 'Enter' && cursor !== null) {
      open(cursor);
      return;
    }
    const next = stepped(layout, slots, cursor, event.key);
    if (next === null) return;
    event.preventDefault();
    setCursor(next);
    reveal(box.current, layout, slots, next);
  };
  return (
    <div
      class="board"
      ref={box}
      tabIndex={0}
      role="application"
      aria-label={TEXTS.fleet.boardLabel}
      onScroll={({ currentTarget: { scrollLeft, scrollTop } }) => painter?.scrollTo(scrollLeft, scrollTop)}
      onKeyDown={onKey}
      onBlur={() => {
        setCursor(null);
      }}
      onPointerMove={(event) => {
        setCursor(at(event));
      }}
      onPointerLeave={() => {
        setCursor(null);
      }}
      onClick={(event) => {
        const id = at(event);
        if (id !== null) open(id);
      }}
    >
      <canvas ref={canvas} aria-hidden="true" />
      {layout === null ? null : (
        <Over layout={layout} slots={slots} node={cursor === null ? undefined : nodes.get(cursor)} size={size} />
      )}
    </div>
  );
}

/** The id of the node whose cell is under the pointer. */
function nodeAt(event: MouseEvent, box: HTMLElement | null, layout: BoardLayout | null, slots: Slots): string | null {
  if (layout === null || box === null) return null;
  const { left, top } = box.getBoundingClientRect();
  const x = event.clientX - left - box.clientLeft + box.scrollLeft;
  const y = event.clientY - top - box.clientTop + box.scrollTop;
  const found = slotAt(layout, x, y);
  return found === null ? null : (slots.cells(found.key)[found.slot] ?? null);
}

interface OverProps {
  layout: BoardLayout;
  slots: Slots;
  /** The node under the cursor. */
  node: FleetNode | undefined;
  size: Size | null;
}

/** What lies over the canvas: the headings, and a note about the node under the cursor. */
function Over({ layout, slots, node, size }: OverProps) {
  return (
    <>
      <div class="board-space" style={{ width: px(layout.width), height: px(layout.height) }}>
        {layout.columns.map(({ key, x, y, width }) => (
          <ColumnHead
            key={key}
            of={key}
            nodes={slots.count(key)}
            style={{ left: px(x), top: px(y), width: px(width), fontSize: px(layout.cell.text) }}
          />
        ))}
        {node === undefined ? null : <NodeNote node={node} style={noteStyle(layout, slots, node.id, size)} />}
      </div>
      <p class="sr" aria-live="polite">
        {node === undefined
          ? ''
          : `${node.label}, ${TEXTS.states[node.state]}, ${columnName(node.columns[0] ?? '').kind}`}
      </p>
    </>
  );
}

/** The painter of the canvas, which has the size of the window onto the board. */
function usePainter(
  box: RefObject<HTMLDivElement | null>,
  canvas: RefObject<HTMLCanvasElement | null>,
): { painter: BoardPainter | null; size: Size | null } {
  const painter = useRef<BoardPainter | null>(null);
  const [size, setSize] = useState<Size | null>(null);
  useEffect(() => {
    if (canvas.current === null || box.current === null) return undefined;
    const made = new BoardPainter(canvas.current);
    painter.current = made;
    const observer = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = box.current ?? { clientWidth: 0, clientHeight: 0 };
      made.resize(width, height);
      setSize({ width, height });
    });
    observer.observe(box.current);
    return () => {
      observer.disconnect();
      made.stop();
    };
  }, []);
  useEffect(() => {
    painter.current?.recolor();
  }, [themeChanges.value]);
  return { painter: painter.current, size };
}

function px(value: number): string {
  return `${value}px`;
}

function open(id: string): void {
  go(urlOf(['nodes', id]));
}

interface LayoutParts {
  nodes: ReadonlyMap<string, FleetNode>;
  slots: Slots;
  size: Size | null;
  filterKey: string;
  painter: BoardPainter | null;
}

/** The layout for the nodes of now. Cells keep their places until the columns no longer fit, or the filter changes. */
function useLayout({ nodes, slots, size, filterKey, painter }: LayoutParts): BoardLayout | null {
  const state = useRef<{ layout: BoardLayout; filterKey: string; size: Size; nodes: LayoutParts['nodes'] } | null>(
    null,
  );
  if (size === null) return null;
  const before = state.current;
  if (before?.filterKey !== filterKey || before.size !== size) {
    slots.fill(nodes.values());
    state.current = { layout: layOutFor(slots, size), filterKey, size, nodes };
    return state.current.layout;
  }
  if (before.nodes === nodes) return before.layout;
  const moved = slots.update(nodes);
  const sizes = slots.sizes();
  const fits =
    sizes.length === before.layout.columns.length &&
    sizes.every(({ key, cells }, i) => before.layout.columns[i]?.key === key && cells <= columnAt(before.layout, i));
  const layout = fits ? before.layout : layOutFor(slots, size);
  state.current = { layout, filterKey, size, nodes };
  // When the columns are laid out anew, all cells have new places: many jump there, for only few can glide smoothly.
  glideFrom(fits || nodes.size > MOST_GLIDES ? moved : allPlaces(slots, moved), before.layout, painter);
  return layout;
}

function layOutFor(slots: Slots, { width, height }: Size): BoardLayout {
  const sizes = slots.sizes();
  return isWall.value ? layOutForWall(sizes, width, height, wallFactor()) : layOut(sizes, width, height);
}

function columnAt({ columns }: BoardLayout, at: number): number {
  return columns[at]?.capacity ?? 0;
}

/** Nodes glide to their cells from where they were in a layout. */
function glideFrom(places: ReadonlyMap<string, SlotPlace>, layout: BoardLayout, painter: BoardPainter | null): void {
  const columns = new Map(layout.columns.map((column) => [column.key, column]));
  for (const [id, { key, slot }] of places) {
    const column = columns.get(key);
    if (column === undefined) continue;
    const { x, y } = cellAt(layout, column, slot);
    painter?.glideFrom(id, x, y);
  }
}

/** Where all nodes were before some of them moved. */
function allPlaces(slots: Slots, moved: ReadonlyMap<string, SlotPlace>): Map<string, SlotPlace> {
  const places = new Map<string, SlotPlace>();
  for (const { key } of slots.sizes()) {
    slots.cells(key).forEach((id, slot) => {
      if (id !== null && !places.has(id)) places.set(id, moved.get(id) ?? { key, slot });
    });
  }
  return places;
}

interface ColumnHeadProps {
  of: string;
  nodes: number;
  style: Record<string, string>;
}

function ColumnHead({ of, nodes, style }: ColumnHeadProps) {
  const { kind, network } = columnName(of);
  return (
    <div class="column-head" style={style}>
      <strong>{kind}</strong> <span class="count">{nodes.toLocaleString('en')}</span>
      {network === null ? null : <NetworkLabel id={network} />}
    </div>
  );
}

/** Beside the cell, and inside of the window. */
function noteStyle(layout: BoardLayout, slots: Slots, id: string, size: Size | null): Record<string, string> {
  const place = slots.placeOf(id);
  const column = layout.columns.find(({ key }) => key === place?.key);
  if (place === null || column === undefined) return { display: 'none' };
  const { x, y } = cellAt(layout, column, place.slot);
  const right = x > (size?.width ?? 0) - 320;
  const below = y < (size?.height ?? 0) - 220;
  return {
    left: px(right ? Math.max(0, x - 280) : x + 12),
    top: below ? px(y + layout.cell.height + 6) : 'auto',
    bottom: below ? 'auto' : px(layout.height - y + 6),
  };
}
