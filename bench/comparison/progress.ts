/** Whatever has fewer parts than this is over so soon that it shows no progress. */
const LONG = 100_000;
const BAR = 40;

/** Where progress is shown. */
interface Screen {
  isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * Shows how far something long is, on standard error: as a bar on a terminal, elsewhere as a line for each tenth.
 *
 * @param what the parts, such as "casts in the queue"
 * @param all how many parts there are
 * @returns a function that gets the number of parts that are done
 */
export function progress(what: string, all: number, screen: Screen = process.stderr): (done: number) => void {
  const steps = screen.isTTY === true ? 100 : 10;
  let shown = 0;
  let begun = false;
  return (done) => {
    const step = Math.floor((done / all) * steps);
    if (all < LONG || step <= shown) return;
    shown = step;
    const text = `${Math.round((step / steps) * 100)} % of ${all} ${what}`;
    const full = Math.round((step / steps) * BAR);
    // Elsewhere the first line ends the one that says what is done.
    const before = begun ? '' : '\n';
    begun = true;
    const bar = `\r[${'#'.repeat(full)}${' '.repeat(BAR - full)}] ${text}${step >= steps ? '\n' : ''}`;
    screen.write(screen.isTTY === true ? bar : `${before}${text}\n`);
  };
}
