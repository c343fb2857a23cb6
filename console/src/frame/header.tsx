import { pathParts, urlOf } from '../address.js';
import { logOut } from '../api/session.js';
import { currentSession, isLoggedIn, may } from '../api/session-state.js';
import { Link } from '../look/link.js';
import { Live } from '../look/live-mark.js';
import { type Theme, theme, THEMES } from '../look/theme.js';
import { TEXTS } from '../texts.js';

interface PageLink {
  /** The first part of the path. */
  part: string | undefined;
  name: string;
  /** One of these rules allows to look at it; null: anybody may. */
  rules: readonly string[] | null;
}

/** The pages that the header leads to. */
const PAGES: readonly PageLink[] = [
  { part: undefined, name: TEXTS.pages.fleet, rules: null },
  { part: 'operations', name: TEXTS.pages.operations, rules: ['netprov:operation:list_all', 'netprov:operation:list'] },
  { part: 'repair', name: TEXTS.pages.repair, rules: ['netprov:dead_letter:list', 'netprov:action:list'] },
  { part: 'health', name: TEXTS.pages.health, rules: ['netprov:health:get'] },
];

/** The bar on top: pages, whether events arrive, colors, and who is logged in. */
export function Header() {
  return (
    <header class="bar">
      <Link class="brand" href={urlOf([])}>
        {TEXTS.name}
      </Link>
      {isLoggedIn.value ? <Pages /> : null}
      <div class="bar-end">
        {isLoggedIn.value ? <Live /> : null}
        <Colors />
        <Who />
      </div>
    </header>
  );
}

function Pages() {
  const [first] = pathParts.value;
  return (
    <nav aria-label={TEXTS.pagesLabel}>
      {PAGES.filter(({ rules }) => rules === null || rules.some(may)).map(({ part, name }) => (
        <Link key={name} href={urlOf(part === undefined ? [] : [part])} current={first === part}>
          {name}
        </Link>
      ))}
    </nav>
  );
}

function Colors() {
  return (
    <select
      aria-label={TEXTS.theme.label}
      value={theme.value}
      onChange={({ currentTarget }) => (theme.value = currentTarget.value as Theme)}
    >
      {THEMES.map((name) => (
        <option key={name} value={name}>
          {TEXTS.theme[name]}
        </option>
      ))}
    </select>
  );
}

function Who() {
  const session = currentSession.value;
  if (session === null || !isLoggedIn.value) return null;
  if (session.user === null || session.auth_strategy === 'noauth') return <span>{TEXTS.login.nobody}</span>;
  const { user, project, system } = session;
  const scope = system ? TEXTS.login.wholeSystem : project?.name;
  return (
    <>
      <span class="who" title={session.roles.join(', ')}>
        {user.name ?? user.id}
        {scope === undefined ? null : <span class="quiet"> · {scope}</span>}
      </span>
      <button type="button" onClick={() => void logOut()}>
        {TEXTS.login.out}
      </button>
    </>
  );
}
