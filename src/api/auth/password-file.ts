import { open } from 'node:fs/promises';

/** A user's line of the file. hash is null where the line cannot be used. */
type Users = ReadonlyMap<string, string | null>;

/** What a password file holds. */
export interface Passwords {
  readonly users: Users;
  /** What is wrong with lines of it, by their numbers. No hash is in it. */
  readonly problems: readonly string[];
}

/** Bytes of a password file, at most: ten thousand users. */
const MAX_BYTES = 1024 * 1024;
/** A pure bcrypt hash; htpasswd -B writes $2y$. */
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
/** Each step more doubles the time of a comparison: this one takes seconds. */
const MAX_COST = 16;

/**
 * Apache's format: a line for each user, `name:hash`, bcrypt hashes alone. Blank lines and lines without a colon do not
 * count; of two lines for one user the first does. Source: ironic_lib, auth_basic.py.
 */
export function parsePasswords(text: string): Passwords {
  const users = new Map<string, string | null>();
  const problems: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const entry = line.trim();
    const colon = entry.indexOf(':');
    if (colon < 0) continue;
    const name = entry.slice(0, colon);
    if (users.has(name)) continue;
    const hash = entry.slice(colon + 1);
    const problem = problemOf(hash);
    users.set(name, problem === null ? hash : null);
    if (problem !== null) problems.push(`line ${index + 1}: ${problem}`);
  }
  return { users, problems };
}

function problemOf(hash: string): string | null {
  const cost = BCRYPT.exec(hash)?.[1];
  if (cost === undefined) return 'only passwords digested with bcrypt are supported; htpasswd -B makes such';
  if (Number(cost) < 4) return `a bcrypt cost of ${cost} is below 4, the least there is`;
  return Number(cost) > MAX_COST ? `a bcrypt cost of ${cost} is above ${MAX_COST}, the most that is supported` : null;
}

/** A password file, read again when it has changed. */
export class PasswordFile {
  readonly #path: string;
  #state = '';
  #passwords: Passwords = { users: new Map(), problems: [] };

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * What is in it now, and whether that was read just now.
   *
   * @throws when the file cannot be read or is too large
   */
  async read(): Promise<{ passwords: Passwords; fresh: boolean }> {
    const handle = await open(this.#path);
    try {
      const { mtimeMs, ctimeMs, ino, size } = await handle.stat();
      const state = [mtimeMs, ctimeMs, ino, size].join(' ');
      const fresh = state !== this.#state;
      if (fresh) {
        if (size > MAX_BYTES) throw new Error(`it has ${size} bytes, more than ${MAX_BYTES}`);
        this.#passwords = parsePasswords(await handle.readFile('utf8'));
        this.#state = state;
      }
      return { passwords: this.#passwords, fresh };
    } finally {
      await handle.close();
    }
  }
}
