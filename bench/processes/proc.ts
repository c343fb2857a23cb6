import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Units of processor time in a second. Linux shows user programs 100 on every architecture of Node.js. */
const TICKS = 100;
/** The state LISTEN of a socket. Source: include/net/tcp_states.h of Linux. */
const LISTEN = '0A';

/**
 * Processor time in seconds from the text of /proc/<pid>/stat: user and system time of the process and of its children
 * that have ended. Source: proc(5).
 *
 * @throws Error when the text has another form
 */
export function processorSeconds(stat: string): number {
  // The name in parentheses may contain spaces and parentheses. utime, stime, cutime and cstime are fields 14 to 17.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  if (fields.length < 15 || Number.isNaN(ticks)) throw new Error(`not the text of /proc/<pid>/stat: ${stat}`);
  return ticks / TICKS;
}

/** Inodes of the sockets that listen on a TCP port, from the text of /proc/net/tcp or /proc/net/tcp6. */
export function listeningSockets(text: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(suffix) && state === LISTEN)
    .map((fields) => fields[9] ?? '');
}

/**
 * The process that listens on a TCP port of this machine.
 *
 * @throws Error when there is none, or when it belongs to another user
 */
export function listenerOf(port: number): number {
  const inodes = ['tcp', 'tcp6'].flatMap((file) => listeningSockets(readFileSync(`/proc/net/${file}`, 'utf8'), port));
  const links = new Set(inodes.map((inode) => `socket:[${inode}]`));
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (openFiles(pid).some((link) => links.has(link))) return Number(pid);
  }
  throw new Error(`no process of this user listens on port ${port}`);
}

/** What the file descriptors of a process lead to; nothing if the process has ended or belongs to another user. */
function openFiles(pid: string): string[] {
  return orNone(() => readdirSync(`/proc/${pid}/fd`)).flatMap((fd) =>
    orNone(() => [readlinkSync(`/proc/${pid}/fd/${fd}`)]),
  );
}

/** What there is to read; nothing if it has gone meanwhile. */
function orNone<T>(read: () => T[]): T[] {
  try {
    return read();
  } catch {
    return [];
  }
}

/** A process and all its descendants; nothing if it has ended. */
export function processTree(pid: number): number[] {
  const threads = orNone(() => readdirSync(`/proc/${pid}/task`));
  if (threads.length === 0) return [];
  const children = threads.flatMap((thread) =>
    orNone(() => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean)),
  );
  return [pid, ...children.flatMap((child) => processTree(Number(child)))];
}

/**
 * Processor time so far of a process and of some children of it, in seconds. It includes children that have ended.
 *
 * @throws Error when the process has ended
 */
export function processorTimeOf([pid, ...children]: readonly number[]): number {
  const read = (one?: number): number => processorSeconds(readFileSync(`/proc/${one ?? NaN}/stat`, 'utf8'));
  const others = children.flatMap((child) => orNone(() => [read(child)]));
  return others.reduce((sum, seconds) => sum + seconds, read(pid));
}

/** A value in kB of /proc/<pid>/status, in bytes. @throws Error when the text does not have it */
export function statusBytes(status: string, field: 'VmHWM' | 'VmRSS'): number {
  const [, kilobytes] = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status) ?? [];
  if (kilobytes === undefined) throw new Error(`/proc/<pid>/status has no ${field}`);
  return Number(kilobytes) * 1024;
}

/** Memory of a process in bytes: VmRSS, the resident set now, or VmHWM, its maximum so far. */
export function memoryOf(pid: number, field: 'VmHWM' | 'VmRSS'): number {
  return statusBytes(readFileSync(`/proc/${pid}/status`, 'utf8'), field);
}
