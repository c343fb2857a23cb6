/** The metrics of a process at one moment, from /metrics. */
export class Scrape {
  private constructor(readonly text: string) {}

  /** @param address URL of a health server, such as http://127.0.0.1:8089 */
  static async of(address: string): Promise<Scrape> {
    const response = await fetch(`${address}/metrics`);
    if (response.status !== 200) throw new Error(`/metrics answered with ${response.status}: ${await response.text()}`);
    return new Scrape(await response.text());
  }

  /** The value of one series; null if there is none. @param series in the written form: name{label="value"} */
  value(series: string): number | null {
    const line = this.text.split('\n').find((one) => one.startsWith(`${series} `));
    return line === undefined ? null : Number(line.slice(series.length + 1));
  }

  /** The names of all series, without their labels. */
  get names(): Set<string> {
    const lines = this.text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Set(lines.map((line) => /^[\w:]+/.exec(line)?.[0] ?? ''));
  }
}
