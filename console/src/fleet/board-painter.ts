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

/** What is painted in a cell of the ground. */
interface Painted {
  id: string;
  label: string;
  state: NodeState;
}

/**
 * Paints the board on a canvas of the size of the window onto it. Cells that stay lie on a canvas of their own, the
 * ground, where only those are painted again that have changed. A frame copies the ground, and paints what glides over
 * it: so a frame's work grows with the nodes that move, not with all nodes.
 */
export class BoardPainter {
  readonly #context: CanvasRenderingContext2D | null;
  readonly #ground = document.createElement('canvas');
  /** By the keys of columns, what lies on the ground in each slot. */
  readonly #painted = new Map<string, (Painted | null)[]>();
  readonly #glides = new Map<string, Glide>();
  readonly #still = window.matchMedia('(prefers-reduced-motion: reduce)');
  readonly #texts = new Map<string, string>();
  #sprites = new Map<string, HTMLCanvasElement>();
  #colors = readColors();
  #frame: number | undefined;
  /** Whether all of the ground must be painted again, or only what has changed. */
  #isGroundOld = true;
  #isSceneNew = true;
  #scene: Scene | null = null;
  #scroll = { left: 0, top: 0 };

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.#context = canvas.getContext('2d');
  }

  /** The colors of the style sheet have changed. */
  recolor(): void {
    this.#colors = readColors();
    this.#sprites = new Map();
    this.#isGroundOld = true;
    this.#request();
  }

  resize(width: number, height: number): void {
    const ratio = window.devicePixelRatio;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.#ground.width = this.canvas.width;
    this.#ground.height = this.canvas.height;
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    this.#sprites = new Map();
    this.#isGroundOld = true;
    this.#request();
  }

  scrollTo(left: number, top: number): void {
    this.#scroll = { left, top };
    this.#isGroundOld = true;
    this.#request();
  }

  show(scene: Scene): void {
    if (scene.layout !== this.#scene?.layout) this.#isGroundOld = true;
    this.#scene = scene;
    this.#isSceneNew = true;
    this.#request();
  }

  /** A node glides to its cell from where it was. */
  glideFrom(id: string, x: number, y: number): void {
    if (!this.#still.matches) this.#glides.set(id, { x, y, began: performance.now() });
  }

  stop(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
  }

  /**
   * Whether there is nothing to paint on: the board is hidden, or is being taken away with its page. The browser refuses to
   * copy a canvas without a pixel.
   */
  get #isWithoutRoom(): boolean {
    return this.canvas.width === 0 || this.canvas.height === 0;
  }

  #request(): void {
    if (this.#isWithoutRoom) return;
    this.#frame ??= requestAnimationFrame((time) => {
      this.#frame = undefined;
      this.#paint(time);
      if (this.#glides.size > 0 || this.#isSceneNew) this.#request();
    });
  }

  #paint(time: number): void {
    const context = this.#context;
    const scene = this.#scene;
    if (context === null || scene === null || this.#isWithoutRoom) return;
    if (this.#isGroundOld || this.#isSceneNew) this.#layGround(scene);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.drawImage(this.#ground, 0, 0);
    this.#moveOrigin(context);
    for (const id of this.#glides.keys()) this.#glide(context, scene, id, time);
    if (scene.cursor !== null) this.#markCursor(context, scene, scene.cursor);
  }

  /** Moves the origin of a context to the top left of the board. */
  #moveOrigin(context: CanvasRenderingContext2D): void {
    const ratio = window.devicePixelRatio;
    const { left, top } = this.#scroll;
    context.setTransform(ratio, 0, 0, ratio, -left * ratio, -top * ratio);
  }

  /** Paints the cells of the ground that are not as they should be. A gliding node leaves its cell empty. */
  #layGround({ layout, slots, nodes }: Scene): void {
    const context = this.#ground.getContext('2d');
    if (context === null) return;
    if (this.#isGroundOld) {
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, this.#ground.width, this.#ground.height);
      this.#painted.clear();
    }
    this.#isGroundOld = false;
    this.#isSceneNew = false;
    this.#moveOrigin(context);
    for (const column of layout.columns) {
      const painted = this.#painted.get(column.key) ?? [];
      this.#painted.set(column.key, painted);
      const cells = slots.cells(column.key);
      for (let slot = 0; slot < Math.max(cells.length, painted.length); slot++) {
        const id = cells[slot] ?? null;
        const node = id === null || this.#glides.has(id) ? undefined : nodes.get(id);
        const was = painted[slot];
        if (was?.id === node?.id && was?.state === node?.state && was?.label === node?.label) continue;
        const { x, y } = cellAt(layout, column, slot);
        if (was != null) context.clearRect(x - 1, y - 1, layout.cell.width + 2, layout.cell.height + 2);
        painted[slot] = node === undefined ? null : { id: node.id, label: node.label, state: node.state };
        if (node !== undefined && this.#isVisible(layout, x, y)) this.#cell(context, layout, node, x, y);
      }
    }
  }

  #isVisible({ cell }: BoardLayout, x: number, y: number): boolean {
    const ratio = window.devicePixelRatio;
    const { left, top } = this.#scroll;
    const [right, bottom] = [left + this.canvas.width / ratio, top + this.canvas.height / ratio];
    return x < right && y < bottom && x + cell.width > left && y + cell.height > top;
  }

  /** Paints a node on its way to each of its cells. At the end of the way, the ground gets it. */
  #glide(context: CanvasRenderingContext2D, { layout, slots, nodes }: Scene, id: string, time: number): void {
    const glide = this.#glides.get(id);
    const node = nodes.get(id);
    const part = glide === undefined ? 1 : Math.min(1, Math.max(0, (time - glide.began) / GLIDE));
    if (part === 1 || node === undefined) {
      this.#glides.delete(id);
      this.#isSceneNew = true;
    }
    if (glide === undefined || node === undefined) return;
    const eased = 1 - (1 - part) ** 3;
    for (const { key, slot } of slots.placesOf(id)) {
      const column = layout.columns.find((one) => one.key === key);
      if (column === undefined) continue;
      const to = cellAt(layout, column, slot);
      this.#cell(context, layout, node, glide.x + (to.x - glide.x) * eased, glide.y + (to.y - glide.y) * eased);
    }
  }

  #markCursor(context: CanvasRenderingContext2D, { layout, slots }: Scene, id: string): void {
    if (this.#glides.has(id)) return;
    context.strokeStyle = this.#colors.focus;
    context.lineWidth = 2;
    for (const { key, slot } of slots.placesOf(id)) {
      const column = layout.columns.find((one) => one.key === key);
      if (column === undefined) continue;
      const { x, y } = cellAt(layout, column, slot);
      context.strokeRect(x - 1, y - 1, layout.cell.width + 2, layout.cell.height + 2);
    }
  }

  #cell(context: CanvasRenderingContext2D, { cell }: BoardLayout, node: FleetNode, x: number, y: number): void {
    context.drawImage(this.#sprite(node.state, cell), x, y, cell.width, cell.height);
    if (cell.kind !== 'card') return;
    context.fillStyle = this.#colors.text;
    context.font = `${cell.text}px ${this.#colors.fonts}`;
    context.textBaseline = 'middle';
    const name = this.#fitted(context, node.label, cell.width - 2.6 * cell.text);
    context.fillText(name, x + 2 * cell.text, y + cell.height / 2 + 1);
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
