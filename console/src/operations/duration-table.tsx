import { durationText } from '../look/clock.js';
import { Table } from '../look/table.js';
import { methodText, TEXTS } from '../texts.js';
import type { Durations } from './durations.js';

/** How long operations took, by method: numbers, and a histogram whose bars double in duration. */
export function DurationTable({ durations }: { durations: readonly Durations[] }) {
  if (durations.length === 0) return null;
  const total = durations.reduce((sum, { count }) => sum + count, 0);
  const names = [
    ...[TEXTS.operations.method, TEXTS.operations.count, TEXTS.states.failed],
    ...[TEXTS.operations.median, TEXTS.operations.slowest, TEXTS.operations.spread],
  ];
  return (
    <details class="durations" open>
      <summary>
        {TEXTS.operations.durations} <span class="quiet">{TEXTS.operations.durationsOf(total)}</span>
      </summary>
      <Table label={TEXTS.operations.durations} names={names}>
        {durations.map(({ method, count, failed, median, slowest, buckets }) => (
          <tr key={method}>
            <th scope="row">{methodText(method)}</th>
            <td>{count}</td>
            <td>{failed}</td>
            <td>{durationText(median)}</td>
            <td>{durationText(slowest)}</td>
            <td>
              <Histogram buckets={buckets} />
            </td>
          </tr>
        ))}
      </Table>
    </details>
  );
}

const BAR = 12;
const HEIGHT = 22;

function Histogram({ buckets }: { buckets: readonly number[] }) {
  const most = Math.max(1, ...buckets);
  return (
    <svg class="histogram" width={buckets.length * BAR} height={HEIGHT} aria-hidden="true">
      {buckets.map((count, i) => {
        const height = count === 0 ? 1 : Math.max(3, (count / most) * HEIGHT);
        return <rect key={i} x={i * BAR} y={HEIGHT - height} width={BAR - 2} height={height} />;
      })}
    </svg>
  );
}
