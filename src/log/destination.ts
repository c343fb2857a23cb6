import { closeSync, openSync, writeSync } from 'node:fs';
import { Writable } from 'node:stream';

/** Who may read a log file that is made here: it names nodes and networks. */
const FILE_MODE = 0o640;

/**
 * Where lines go: a file, appended to, or standard error. Written to once in a turn of the event loop: a busy worker logs
 * thousands of lines a second, and each write blocks. What is left when the process exits is written then; a SIGKILL may
 * take the last turn's lines.
 */
export class Destination {
  readonly stream: Writable;
  readonly #path: string | null;
  #file: number | null;
  #lines = '';
  #failing = false;

  /** @param path null: standard error. @throws the system's error when the file cannot be opened */
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
    process.once('exit', () => {
      this.#flush();
    });
  }

  /**
   * Opens the file anew: whoever rotates logs has renamed it. What was logged before goes to the old one.
   * @throws the system's error when it cannot be opened; then the old one stays
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

  /** A disk that is full takes no lines; the work goes on without them, and standard error says so, once. */
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

/** To a pipe whose reader is slow, or gone, not all can be written: then process.stderr knows what to do. */
function toStandardError(text: string): void {
  try {
    const bytes = Buffer.from(text);
    const written = writeSync(process.stderr.fd, bytes);
    if (written < bytes.length) process.stderr.write(bytes.subarray(written));
  } catch {
    process.stderr.write(text);
  }
}
