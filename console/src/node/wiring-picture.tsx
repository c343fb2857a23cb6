import type { Binding, NodeInNeutron } from '../api/types.js';
import { TEXTS } from '../texts.js';
import { type Attachment, vlanOf, type Wire } from './wiring.js';

/** The columns of the picture, in units of the SVG: where each box begins, and how wide it is. */
const NIC = { x: 12, width: 210 };
const SWITCH = { x: 282, width: 200 };
const NEUTRON = { x: 542, width: 220 };
const NETWORK = { x: 822, width: 200 };
const WIDTH = 1034;
/** Height of a NIC's row, and of the room around a group. */
const ROW = 58;
const BOX = 44;
const PAD = 12;
const HEAD = 26;
const LAG_HEAD = 20;

interface Placed extends Attachment {
  top: number;
  height: number;
}

type Networks = NodeInNeutron['networks'];

interface WiringPictureProps {
  attachments: readonly Attachment[];
  /** What Neutron has told of their networks. */
  networks: Networks;
}

/** NICs and LAGs, the switch ports that they are cabled to, and what Neutron has bound to them. */
export function WiringPicture({ attachments, networks }: WiringPictureProps) {
  const placed = place(attachments);
  const height = (placed.at(-1)?.top ?? 0) + (placed.at(-1)?.height ?? 0) + PAD;
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={TEXTS.node.wiring}>
      <svg class="wiring" viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={described(attachments)}>
        <g class="wiring-heads">
          {(
            [
              [NIC, TEXTS.node.nic],
              [SWITCH, TEXTS.node.switch],
              [NEUTRON, TEXTS.node.neutronPort],
              [NETWORK, TEXTS.node.network],
            ] as const
          ).map(([{ x }, name]) => (
            <text key={name} x={x} y={14}>
              {name}
            </text>
          ))}
        </g>
        {placed.map((one) => (
          <Group key={`${one.portgroup?.uuid ?? ''}${one.wires[0]?.port.uuid ?? ''}`} {...one} networks={networks} />
        ))}
      </svg>
    </div>
  );
}

function place(attachments: readonly Attachment[]): Placed[] {
  let top = HEAD;
  return attachments.map((attachment) => {
    const head = attachment.portgroup === null ? 0 : LAG_HEAD;
    const height = head + Math.max(1, rowsOf(attachment)) * ROW;
    const placed = { ...attachment, top, height };
    top += height + PAD;
    return placed;
  });
}

function rowsOf({ wires, bindings }: Attachment): number {
  const own = wires.reduce((sum, wire) => sum + Math.max(1, wire.bindings.length), 0);
  // What is bound to the LAG as a whole stands in the middle, or below if its NICs have ports of their own.
  return isMixed({ wires, bindings }) ? own + bindings.length : Math.max(own, bindings.length);
}

function isMixed({ wires, bindings }: Pick<Attachment, 'wires' | 'bindings'>): boolean {
  return bindings.length > 0 && wires.some((wire) => wire.bindings.length > 0);
}

function Group({ networks, ...placed }: Placed & { networks: Networks }) {
  const { portgroup, wires, bindings, top, height } = placed;
  const head = portgroup === null ? 0 : LAG_HEAD;
  const middle = isMixed(placed) ? top + height - (bindings.length * ROW) / 2 : top + head + (height - head) / 2;
  let y = top + head;
  const rows = wires.map((wire) => {
    const row = { wire, y };
    y += Math.max(1, wire.bindings.length) * ROW;
    return row;
  });
  const unbound = bindings.length === 0 && wires.every((wire) => wire.bindings.length === 0);
  const shown = (some: readonly Binding[], first: number) =>
    some.map((binding, i) => (
      <Bound
        key={binding.id}
        binding={binding}
        network={networks.find(({ id }) => id === binding.network_id)}
        y={first + i * ROW + (ROW - BOX) / 2}
      />
    ));
  return (
    <g>
      {portgroup === null ? null : (
        <>
          <rect class="wiring-lag" x={2} y={top} width={NIC.width + 20} height={height} rx={8} />
          <text class="wiring-lag-name" x={NIC.x} y={top + 15}>
            {`${portgroup.name ?? TEXTS.node.lag} · ${portgroup.mode ?? TEXTS.node.lag}`}
          </text>
        </>
      )}
      {rows.map(({ wire, y: at }) => (
        <Nic key={wire.port.uuid} wire={wire} y={at} to={bindings.length > 0 ? [middle] : []} />
      ))}
      {rows.map(({ wire, y: at }) => shown(wire.bindings, at))}
      {shown(bindings, middle - (bindings.length * ROW) / 2)}
      {unbound ? (
        <text class="wiring-quiet" x={NEUTRON.x} y={middle + 4}>
          {TEXTS.node.unbound}
        </text>
      ) : null}
    </g>
  );
}

/** A NIC, its switch port, and lines to what is bound to it or to its LAG. */
function Nic({ wire, y, to }: { wire: Wire; y: number; to: readonly number[] }) {
  const { port, switchName, switchPort, bindings } = wire;
  const middle = y + ROW / 2;
  const ends = [...bindings.map((_binding, i) => middle + i * ROW), ...to];
  const from = SWITCH.x + SWITCH.width;
  return (
    <g>
      <Box x={NIC.x} y={y + (ROW - BOX) / 2} width={NIC.width} lines={[port.address ?? '', nicNote(wire)]} />
      {switchName === null ? (
        <text class="wiring-quiet" x={SWITCH.x} y={middle + 4}>
          {TEXTS.node.noLink}
        </text>
      ) : (
        <>
          <line class="wiring-cable" x1={NIC.x + NIC.width} x2={SWITCH.x} y1={middle} y2={middle} />
          <Box x={SWITCH.x} y={y + (ROW - BOX) / 2} width={SWITCH.width} lines={[switchName, switchPort ?? '']} />
          {ends.map((end) => (
            <path
              key={end}
              class="wiring-bound"
              d={`M${from} ${middle} C ${from + 30} ${middle}, ${NEUTRON.x - 30} ${end}, ${NEUTRON.x} ${end}`}
            />
          ))}
        </>
      )}
    </g>
  );
}

function nicNote({ port }: Wire): string {
  return [
    port.pxe_enabled === true ? TEXTS.node.pxe : '',
    port.physical_network ?? '',
    port.is_smartnic === true ? TEXTS.node.smartNic : '',
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

interface BoundProps {
  binding: Binding;
  network: Networks[number] | undefined;
  y: number;
}

function Bound({ binding, network, y }: BoundProps) {
  const { neutron_port_id: id, status, fixed_ips, network_type: type, network_id: networkId } = binding;
  const segment = network?.segmentation_id ?? vlanOf(binding);
  const ips = fixed_ips.map(({ ip_address: ip }) => ip).join(', ');
  const kind = (network?.network_type ?? 'vlan').toUpperCase();
  const first = `${TEXTS.networks[type]}${segment == null ? '' : ` · ${kind} ${segment}`}`;
  return (
    <g>
      <Box x={NEUTRON.x} y={y} width={NEUTRON.width} lines={[`${id.slice(0, 8)} · ${status}`, ips]} title={id} />
      <line class="wiring-bound" x1={NEUTRON.x + NEUTRON.width} x2={NETWORK.x} y1={y + BOX / 2} y2={y + BOX / 2} />
      <Box
        x={NETWORK.x}
        y={y}
        width={NETWORK.width}
        lines={[first, network?.name ?? networkId.slice(0, 8)]}
        title={networkId}
      />
    </g>
  );
}

interface BoxProps {
  x: number;
  y: number;
  width: number;
  lines: readonly [string, string];
  title?: string;
}

/** Characters that fit on a line, as a part of the width. */
const PER_UNIT = 1 / 7.6;

function Box({ x, y, width, lines: [first, second], title }: BoxProps) {
  const most = Math.floor((width - 16) * PER_UNIT);
  const cut = (text: string): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
  return (
    <g>
      <title>{title ?? `${first} ${second}`}</title>
      <rect class="wiring-box" x={x} y={y} width={width} height={BOX} rx={6} />
      <text class="wiring-first" x={x + 10} y={y + (second === '' ? 27 : 19)}>
        {cut(first)}
      </text>
      <text class="wiring-quiet" x={x + 10} y={y + 35}>
        {cut(second)}
      </text>
    </g>
  );
}

/** The picture in words. */
function described(attachments: readonly Attachment[]): string {
  return attachments
    .map(({ portgroup, wires, bindings }) => {
      const nics = wires
        .map(({ port, switchName, switchPort }) =>
          [port.address, switchName ?? TEXTS.node.noLink, switchPort].filter((part) => part !== null).join(' '),
        )
        .join(', ');
      const bound = [...bindings, ...wires.flatMap((wire) => wire.bindings)]
        .map(({ network_type: type, neutron_port_id: id, status }) => `${TEXTS.networks[type]} ${id} ${status}`)
        .join(', ');
      const group = portgroup === null ? '' : `${portgroup.name ?? TEXTS.node.lag}: `;
      return `${group}${nics}; ${bound === '' ? TEXTS.node.unbound : bound}`;
    })
    .join('. ');
}
