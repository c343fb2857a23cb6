import { computed, signal } from '@preact/signals';

/** The path under which the API serves the console. */
const BASE = '/console';

interface Address {
  /** Below the base, such as `/nodes/n1`. */
  path: string;
  query: URLSearchParams;
}

function current(): Address {
  const { pathname, search } = window.location;
  const path = pathname.startsWith(BASE) ? pathname.slice(BASE.length) : pathname;
  return { path: path.replace(/\/+$/, '') || '/', query: new URLSearchParams(search) };
}

/** The address in the browser. It says what the page shows, so that it can be sent to a colleague. */
export const address = signal<Address>(current());

/** The parts of the path, decoded. */
export const pathParts = computed<string[]>(() =>
  address.value.path
    .split('/')
    .filter((part) => part !== '')
    .map(decoded),
);

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

window.addEventListener('popstate', () => {
  address.value = current();
});

/** The URL of a page: its parts are encoded, and empty parameters are left out. */
export function urlOf(parts: readonly string[], query: Readonly<Record<string, string>> = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== '');
  const search = new URLSearchParams(given).toString();
  return `${BASE}/${parts.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`;
}

/** Shows another page. */
export function go(url: string): void {
  window.history.pushState(null, '', url);
  address.value = current();
  window.scrollTo(0, 0);
}

/** A parameter of the address; '' if it is not there. */
export function parameterOf(name: string): string {
  return address.value.query.get(name) ?? '';
}

/** Changes parameters of the address, and stays on the page. An empty value removes a parameter. */
export function setParameters(values: Readonly<Record<string, string>>): void {
  const query = new URLSearchParams(window.location.search);
  for (const [name, value] of Object.entries(values)) {
    if (value === '') query.delete(name);
    else query.set(name, value);
  }
  const search = query.toString();
  window.history.replaceState(null, '', `${window.location.pathname}${search === '' ? '' : `?${search}`}`);
  address.value = current();
}
