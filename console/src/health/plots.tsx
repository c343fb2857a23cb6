import 'uplot/dist/uPlot.min.css';

import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';

import type { OperationSeries } from '../api/types.js';
import { durationText } from '../look/clock.js';
import { colorOf, themeChanges } from '../look/theme.js';
import { TEXTS } from '../texts.js';

const WORDS = TEXTS.health;
const HEIGHT = 150;

interface Line {
  label: string;
  /** A color of the style sheet. */
  color: string;
  /** Lines differ by their dashes too. */
  dash?: number[];
  values: (number | null)[];
}

interface PlotProps {
  title: string;
  unit: string;
  times: number[];
  lines: Line[];
}

/** Rate, latency and retries of the last minutes. */
export function Plots({ series: { points, span, running } }: { series: OperationSeries }) {
  const times = points.map(({ at }) => Date.parse(at) / 1000);
  const perSecond = (values: number[]): number[] => values.map((value) => value / span);
  return (
    <>
      <p>{WORDS.running(running)}</p>
      <div class="plots">
        <Plot
          title={WORDS.rate}
          unit={WORDS.perSecond}
          times={times}
          lines={[
            {
              label: TEXTS.operation.statuses.succeeded,
              color: 'steady',
              values: perSecond(points.map((one) => one.succeeded)),
            },
            {
              label: TEXTS.operation.statuses.failed,
              color: 'failed',
              dash: [4, 3],
              values: perSecond(points.map((one) => one.failed)),
            },
          ]}
        />
        <Plot
          title={WORDS.latency}
          unit="s"
          times={times}
          lines={[
            { label: TEXTS.operations.median, color: 'moving', values: points.map((one) => one.p50) },
            { label: TEXTS.operations.slowest, color: 'differs', dash: [4, 3], values: points.map((one) => one.p95) },
          ]}
        />
        <Plot
          title={WORDS.retries}
          unit={WORDS.perSecond}
          times={times}
          lines={[{ label: WORDS.retries, color: 'retrying', values: perSecond(points.map((one) => one.retries)) }]}
        />
      </div>
    </>
  );
}

function Plot({ title, unit, times, lines }: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const data: uPlot.AlignedData = [times, ...lines.map(({ values }) => values)];
  useEffect(() => {
    if (box.current === null) return undefined;
    const made = new uPlot(optionsOf(lines, box.current.clientWidth), data, box.current);
    plot.current = made;
    const observer = new ResizeObserver(() => {
      made.setSize({ width: box.current?.clientWidth ?? 0, height: HEIGHT });
    });
    observer.observe(box.current);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [themeChanges.value]);
  useEffect(() => {
    plot.current?.setData(data);
  });
  return (
    <figure>
      <figcaption>
        {title} <span class="quiet">{summary(lines, unit)}</span>
      </figcaption>
      <div ref={box} aria-hidden="true" />
    </figure>
  );
}

function optionsOf(lines: readonly Line[], width: number): uPlot.Options {
  const axis = { stroke: colorOf('quiet'), grid: { stroke: colorOf('line'), width: 1 }, ticks: { show: false } };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_plot, _min, max) => [0, Math.max(max * 1.1, 0.1)] } },
    axes: [
      { ...axis, values: (_plot, splits) => splits.map(clockText) },
      { ...axis, size: 46 },
    ],
    series: [
      {},
      ...lines.map(({ label, color, dash }) => ({
        label,
        stroke: colorOf(color),
        width: 2,
        ...(dash === undefined ? {} : { dash }),
      })),
    ],
  };
}

function clockText(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}

/** The newest values, in words. */
function summary(lines: readonly Line[], unit: string): string {
  return lines
    .map(({ label, values }) => {
      const last = values.findLast((value) => value !== null);
      if (last == null) return `${label} ${TEXTS.none}`;
      return `${label} ${unit === 's' ? durationText(last * 1000) : `${last.toFixed(1)} ${unit}`}`;
    })
    .join(', ');
}
