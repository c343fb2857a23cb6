import { closeSync, openSync, writeSync } from 'node:fs';
import { Writable } from 'node:stream';

/** Permissions of a new log file. They are narrow because the log names nodes and networks. */
const FILE_MODE = 0o640;

/**
 * Where log lines go: appended to a file, or to standard error. It writes once per turn of the event loop, because a
 * busy worker logs thousands of lines a second and each write blocks. When the process exits, it writes the remaining
 * lines; after a SIGKILL the lines of the last turn may be lost.
 */
export class Destination {
  /** Every destination of the process. One listener writes their remaining lines when the process exits. */
  static readonly #all: Destination[] = [];
  readonly stream: Writable;
  readonly #path: string | null;
  #file: number | null;
  #lines = '';
  #failing = false;

  /** @param path of the file; null: standard error. @throws the system's error when the file cannot be opened */
  constructor(path: string | null) {
    this.#path = path;
    this.#file = open(path);
    this.stream = new Writable({
      decodeStrings: false,
      write: (line: string, _encoding, done) => {
        if (this.#lines === '')
          setImmediate(() => {
            this.#flush();
          });
        this.#lines += line;
        done();
      },
    });
    if (Destination.#all.push(this) > 1) return;
    process.once('exit', () => {
      for (const one of Destination.#all) one.#flush();
    });
  }

  /**
   * Opens the file again after log rotation has renamed it. Lines that were logged before go to the old file.
   * @throws the system's error when the file cannot be opened; then the old file stays in use
   */
  reopen(): void {
    if (this.#file === null) return;
    const file = open(this.#path);
    this.#flush();
    closeSync(this.#file);
    this.#file = file;
    this.#failing = false;
  }

  #flush(): void {
    const text = this.#lines;
    this.#lines = '';
    if (text === '') return;
    if (this.#file === null) toStandardError(text);
    else this.#toFile(this.#file, text);
  }

  /** Writes to the file. If that fails, for example because the disk is full, standard error says so once. */
  #toFile(file: number, text: string): void {
    try {
      let rest = Buffer.from(text);
      while (rest.length > 0) rest = rest.subarray(writeSync(file, rest));
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) toStandardError(`log.file ${String(this.#path)}: lines are lost: ${String(error)}\n`);
      this.#failing = true;
    }
  }
}

function open(path: string | null): number | null {
  return path === null ? null : openSync(path, 'a', FILE_MODE);
}

/**
 * Writes at once. If a pipe does not take everything, because its reader is slow or gone, process.stderr does the rest.
 */
function toStandardError(text: string): void {
  try {
    const bytes = Buffer.from(text);
    const written = writeSync(process.stderr.fd, bytes);
    if (written < bytes.length) process.stderr.write(bytes.subarray(written));
  } catch {
    process.stderr.write(text);
  }
}
