/**
 * Says on standard error that no worker takes requests of a conductor host now. It is waited for one all the same: one may be
 * starting.
 *
 * @param host undefined: the request is for a worker of any host
 * @param timeout seconds for which it is waited
 * @returns what a client is told this with
 */
export function sayUnserved(host: string | undefined, timeout: number): (waiting: number) => void {
  return (waiting) => {
    const whose = host === undefined ? 'requests that name no conductor host' : `requests of conductor host ${host}`;
    process.stderr.write(
      `netprov: no worker takes ${whose} now, and ${waiting} ${waiting === 1 ? 'waits' : 'wait'} in the queue; ` +
        `waiting up to ${timeout} s, as a worker may be starting\n`,
    );
  };
}
