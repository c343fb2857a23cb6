/** How smoothly a page ran: which frames its main thread missed. The screen shows 60 frames a second. */
export interface Frames {
  seconds: number;
  /** Frames in which the page could paint. */
  shown: number;
  /** Frames in which it could not, because the thread or the machine was busy. */
  dropped: number;
  /** Milliseconds between two frames in which it could: the 99th percentile, and the longest. */
  p99_ms: number;
  longest_ms: number;
  /** Tasks that kept the thread busy for more than 50 ms: their number, all together, and the longest. */
  long_tasks: number;
  long_tasks_ms: number;
  longest_task_ms: number;
}

/** The part of all frames that was dropped. */
export function droppedPart({ shown, dropped }: Pick<Frames, 'shown' | 'dropped'>): number {
  return dropped / Math.max(1, shown + dropped);
}

/**
 * A script that begins to count in a page. The numbers have a fixed size, so that counting for long takes no more memory.
 *
 * Source: HTML Living Standard, requestAnimationFrame; W3C Long Tasks API.
 */
export const COUNT = `(() => {
  const FRAME = 1000 / 60;
  const found = { shown: 0, dropped: 0, longest_ms: 0, long_tasks: 0, long_tasks_ms: 0, longest_task_ms: 0 };
  const spread = new Uint32Array(2001);
  const began = performance.now();
  let before = null;
  let over = false;
  const step = (time) => {
    if (over) return;
    if (before !== null) {
      const interval = time - before;
      found.shown += 1;
      found.dropped += Math.max(0, Math.round(interval / FRAME) - 1);
      found.longest_ms = Math.max(found.longest_ms, interval);
      spread[Math.min(2000, Math.round(interval))] += 1;
    }
    before = time;
    requestAnimationFrame(step);
  };
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      found.long_tasks += 1;
      found.long_tasks_ms += duration;
      found.longest_task_ms = Math.max(found.longest_task_ms, duration);
    }
  });
  observer.observe({ type: 'longtask' });
  window.netprovFrames = () => {
    over = true;
    observer.disconnect();
    let counted = 0;
    const p99_ms = spread.findIndex((count) => (counted += count) >= found.shown * 0.99);
    return { ...found, p99_ms, seconds: (performance.now() - began) / 1000 };
  };
  requestAnimationFrame(step);
})()`;

/** A script that ends the count, and whose value is the frames. */
export const COUNTED = 'window.netprovFrames()';
