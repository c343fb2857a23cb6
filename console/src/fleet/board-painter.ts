import { NODE_STATES, type NodeState, STATE_SHAPES } from '../look/state-mark.js';
import { colorOf, fontFamily } from '../look/theme.js';
import { type BoardLayout, cellAt } from './board-layout.js';
import type { FleetNode } from './fleet-node.js';
import type { Slots } from './slots.js';

/** Milliseconds in which a cell goes from one network to another. */
const GLIDE = 900;
const MOST_TEXTS = 5000;

interface Glide {
  x: number;
  y: number;
  began: number;
}

export interface Scene {
  layout: BoardLayout;
  slots: Slots;
  nodes: ReadonlyMap<string, FleetNode>;
  /** The node under the cursor; null: none. */
  cursor: string | null;
}

/** Paints the board on a canvas of the size of the window onto it. */
export class BoardPainter {
  readonly #context: CanvasRenderingContext2D | null;
  readonly #glides = new Map<string, Glide>();
  readonly #still = window.matchMedia('(prefers-reduced-motion: reduce)');
  readonly #texts = new Map<string, string>();
  #sprites = new Map<string, HTMLCanvasElement>();
  #colors = readColors();
  #frame: number | undefined;
  #scene: Scene | null = null;
  #scroll = { left: 0, top: 0 };

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.#context = canvas.getContext('2d');
  }

  /** The colors of the style sheet have changed. */
  recolor(): void {
    this.#colors = readColors();
    this.#sprites = new Map();
    this.#request();
  }

  resize(width: number, height: number): void {
    const ratio = window.devicePixelRatio;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    this.#sprites = new Map();
    this.#request();
  }

  scrollTo(left: number, top: number): void {
    this.#scroll = { left, top };
    this.#request();
  }

  show(scene: Scene): void {
    this.#scene = scene;
    this.#request();
  }

  /** A node glides to its cell from where it was. */
  glideFrom(id: string, x: number, y: number): void {
    if (!this.#still.matches) this.#glides.set(id, { x, y, began: performance.now() });
  }

  stop(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
  }

  #request(): void {
    this.#frame ??= requestAnimationFrame((time) => {
      this.#frame = undefined;
      this.#paint(time);
      if (this.#glides.size > 0) this.#request();
    });
  }

  #paint(time: number): void {
    const context = this.#context;
    if (context === null || this.#scene === null) return;
    const { layout, slots, nodes } = this.#scene;
    const ratio = window.devicePixelRatio;
    const { left, top } = this.#scroll;
    const [right, bottom] = [left + this.canvas.width / ratio, top + this.canvas.height / ratio];
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.setTransform(ratio, 0, 0, ratio, -left * ratio, -top * ratio);
    const gliding: [FleetNode, { x: number; y: number }][] = [];
    for (const column of layout.columns) {
      slots.cells(column.key).forEach((id, slot) => {
        const node = id === null ? undefined : nodes.get(id);
        if (node === undefined) return;
        const place = cellAt(layout, column, slot);
        if (this.#glides.has(node.id)) {
          gliding.push([node, place]);
        } else if (
          place.x < right &&
          place.y < bottom &&
          place.x + layout.cell.width > left &&
          place.y + layout.cell.height > top
        ) {
          this.#cell(context, node, place.x, place.y);
        }
      });
    }
    for (const [node, place] of gliding) this.#glide(context, node, place, time);
  }

  #glide(context: CanvasRenderingContext2D, node: FleetNode, to: { x: number; y: number }, time: number): void {
    const glide = this.#glides.get(node.id);
    const part = glide === undefined ? 1 : Math.min(1, Math.max(0, (time - glide.began) / GLIDE));
    if (part === 1) this.#glides.delete(node.id);
    const eased = 1 - (1 - part) ** 3;
    const from = glide ?? to;
    this.#cell(context, node, from.x + (to.x - from.x) * eased, from.y + (to.y - from.y) * eased);
  }

  #cell(context: CanvasRenderingContext2D, node: FleetNode, x: number, y: number): void {
    const { cell } = this.#scene?.layout ?? {};
    if (cell === undefined) return;
    context.drawImage(this.#sprite(node.state, cell), x, y, cell.width, cell.height);
    if (cell.kind === 'card') {
      context.fillStyle = this.#colors.text;
      context.font = `${cell.text}px ${this.#colors.fonts}`;
      context.textBaseline = 'middle';
      context.fillText(
        this.#fitted(context, node.label, cell.width - 2.6 * cell.text),
        x + 2 * cell.text,
        y + cell.height / 2 + 1,
      );
    }
    if (this.#scene?.cursor !== node.id) return;
    context.strokeStyle = this.#colors.focus;
    context.lineWidth = 2;
    context.strokeRect(x - 1, y - 1, cell.width + 2, cell.height + 2);
  }

  /** Text is measured once for each name and width. */
  #fitted(context: CanvasRenderingContext2D, text: string, width: number): string {
    const key = `${width} ${text}`;
    const known = this.#texts.get(key);
    if (known !== undefined) return known;
    if (this.#texts.size > MOST_TEXTS) this.#texts.clear();
    const short = fitted(context, text, width);
    this.#texts.set(key, short);
    return short;
  }

  /** A cell without its name: painted once, and copied for every node. */
  #sprite(state: NodeState, cell: BoardLayout['cell']): HTMLCanvasElement {
    const { width, height } = cell;
    const key = `${state} ${width}`;
    const known = this.#sprites.get(key);
    if (known !== undefined) return known;
    const ratio = window.devicePixelRatio;
    const sprite = document.createElement('canvas');
    sprite.width = Math.round(width * ratio);
    sprite.height = Math.round(height * ratio);
    const context = sprite.getContext('2d');
    if (context !== null) {
      context.scale(ratio, ratio);
      paintCell(context, { ...cell, ...this.#colors.states[state], shape: STATE_SHAPES[state] });
    }
    this.#sprites.set(key, sprite);
    return sprite;
  }
}

interface CellLook extends Pick<BoardLayout['cell'], 'kind' | 'width' | 'height' | 'text'> {
  mark: string;
  ground: string;
  shape: string;
}

function paintCell(context: CanvasRenderingContext2D, look: CellLook): void {
  const { kind, width, height, text, mark, ground, shape } = look;
  if (kind !== 'dot') {
    context.fillStyle = ground;
    context.beginPath();
    context.roundRect(0, 0, width, height, 4);
    context.fill();
  }
  const size = kind === 'card' ? text * 1.1 : kind === 'tile' ? height * 0.7 : height;
  context.translate(kind === 'card' ? text * 0.55 : (width - size) / 2, (height - size) / 2);
  context.scale(size / 16, size / 16);
  context.fillStyle = mark;
  context.fill(new Path2D(shape), 'evenodd');
}

/** The text, with its middle left out if it is too wide: names often differ at their ends. */
function fitted(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  for (let kept = text.length - 1; kept > 2; kept -= 1) {
    const ends = Math.ceil(kept / 2);
    const short = `${text.slice(0, kept - ends)}…${text.slice(-ends)}`;
    if (context.measureText(short).width <= width) return short;
  }
  return '…';
}

function readColors() {
  const states = Object.fromEntries(
    NODE_STATES.map((state) => [state, { mark: colorOf(state), ground: colorOf(`${state}-ground`) }]),
  ) as Record<NodeState, { mark: string; ground: string }>;
  return { states, text: colorOf('text'), focus: colorOf('accent'), fonts: fontFamily() };
}
