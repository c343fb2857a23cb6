import { useEffect, useRef } from 'preact/hooks';

import { pathParts } from './address.js';
import { loadSession, sessionFault } from './api/session.js';
import { currentSession, isLoggedIn } from './api/session-state.js';
import { FleetPage } from './fleet/fleet-page.js';
import { Header } from './frame/header.js';
import { LoginPage } from './frame/login-page.js';
import { PaperHead } from './frame/paper-head.js';
import { Fault } from './look/fault.js';
import { lazyPage } from './look/lazy-page.js';
import { isWall } from './look/wall.js';
import { TEXTS } from './texts.js';

const NodePage = lazyPage(async () => (await import('./node/node-page.js')).NodePage);
const OperationsPage = lazyPage(async () => (await import('./operations/operations-page.js')).OperationsPage);
const OperationPage = lazyPage(async () => (await import('./operations/operation-page.js')).OperationPage);
const RepairPage = lazyPage(async () => (await import('./repair/repair-page.js')).RepairPage);
const HealthPage = lazyPage(async () => (await import('./health/health-page.js')).HealthPage);

/** The whole console: who is logged in decides whether the address's page shows, or the log-in. */
export function App() {
  return (
    <>
      <a class="skip" href="#content">
        {TEXTS.skip}
      </a>
      {isWall.value && isLoggedIn.value ? null : <Header />}
      <PaperHead />
      <Content />
    </>
  );
}

/** Milliseconds until the next try, while the API does not tell who is logged in. */
const AGAIN = 5000;

function Content() {
  const fault = currentSession.value === null ? sessionFault.value : null;
  useEffect(() => {
    if (fault === null) return undefined;
    const timer = window.setTimeout(() => void loadSession(), AGAIN);
    return () => {
      window.clearTimeout(timer);
    };
  }, [fault]);
  if (currentSession.value === null) {
    return (
      <main id="content">
        {fault === null ? (
          <p class="quiet">{TEXTS.loading}</p>
        ) : (
          <Fault fault={fault} onAgain={() => void loadSession()} />
        )}
      </main>
    );
  }
  return isLoggedIn.value ? <Page /> : <LoginPage strategy={currentSession.value.auth_strategy} />;
}

function Page() {
  const [first, second] = pathParts.value;
  const main = useRef<HTMLElement>(null);
  const shown = useRef<string | undefined>(undefined);
  const { title, page } = pageAt(first, second);
  useEffect(() => {
    document.title = `${title} – ${TEXTS.name}`;
    const key = `${first ?? ''}/${second ?? ''}`;
    // A screen reader goes on at the new page, not at the link that led there.
    if (shown.current !== undefined && shown.current !== key) main.current?.focus();
    shown.current = key;
  });
  return (
    <main id="content" ref={main} tabIndex={-1}>
      {page}
    </main>
  );
}

function pageAt(first: string | undefined, second: string | undefined) {
  if (first === undefined) return { title: TEXTS.pages.fleet, page: <FleetPage /> };
  if (first === 'nodes' && second !== undefined) {
    return { title: TEXTS.pages.node, page: <NodePage key={second} ident={second} /> };
  }
  if (first === 'operations') {
    return second === undefined
      ? { title: TEXTS.pages.operations, page: <OperationsPage /> }
      : { title: TEXTS.pages.operation, page: <OperationPage key={second} id={second} /> };
  }
  if (first === 'repair') return { title: TEXTS.pages.repair, page: <RepairPage /> };
  if (first === 'health') return { title: TEXTS.pages.health, page: <HealthPage /> };
  return {
    title: TEXTS.pages.unknown,
    page: (
      <>
        <h1>{TEXTS.pages.unknown}</h1>
        <p>{TEXTS.unknownPage}</p>
      </>
    ),
  };
}
