import { open } from 'node:fs/promises';

/** The hash of each user in the file; null when the user's line is unusable. */
type Users = ReadonlyMap<string, string | null>;

/** Contents of a password file. */
export interface Passwords {
  readonly users: Users;
  /** What is wrong with unusable lines, by line number. Contains no hashes. */
  readonly problems: readonly string[];
}

/** Largest password file, in bytes. That is enough for ten thousand users. */
const MAX_BYTES = 1024 * 1024;
/** A bcrypt hash and nothing else; htpasswd -B writes $2y$. */
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
/** Highest bcrypt cost. Each step doubles the time of a comparison; at this cost it takes seconds. */
const MAX_COST = 16;

/**
 * Reads a password file in Apache's format: a line `name:hash` for each user, with bcrypt hashes only. Blank lines and
 * lines without a colon are ignored. If a user has two lines, the first counts. Source: ironic_lib, auth_basic.py.
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
  if (cost === undefined) return 'only bcrypt hashes are supported: create one with htpasswd -B';
  if (Number(cost) < 4) return `the bcrypt cost ${cost} is below the minimum, 4`;
  return Number(cost) > MAX_COST ? `the bcrypt cost ${cost} is above the supported maximum, ${MAX_COST}` : null;
}

/** A password file that is read again whenever it changes. */
export class PasswordFile {
  readonly #path: string;
  #state = '';
  #passwords: Passwords = { users: new Map(), problems: [] };

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Returns the current contents; `fresh` tells whether this call read the file.
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
        if (size > MAX_BYTES) throw new Error(`the file has ${size} bytes; the maximum is ${MAX_BYTES}`);
        this.#passwords = parsePasswords(await handle.readFile('utf8'));
        this.#state = state;
      }
      return { passwords: this.#passwords, fresh };
    } finally {
      await handle.close();
    }
  }
}
