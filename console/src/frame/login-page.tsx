import { useEffect, useState } from 'preact/hooks';

import { type Credentials, logIn } from '../api/session.js';
import { wasLoggedIn } from '../api/session-state.js';
import type { Session } from '../api/types.js';
import { Fault } from '../look/fault.js';
import { TextField, textIn } from '../look/fields.js';
import { TEXTS } from '../texts.js';

/** What password managers fill in. */
const SECRET = { autocomplete: 'current-password', required: true } as const;

type KeystoneMethod = keyof typeof TEXTS.login.methods;

/** Asks for what the API's option auth_strategy needs. The page that was asked for shows after it. */
export function LoginPage({ strategy }: { strategy: Session['auth_strategy'] }) {
  const [method, setMethod] = useState<KeystoneMethod>('password');
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  useEffect(() => {
    document.title = `${TEXTS.login.title} – ${TEXTS.name}`;
  }, []);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    setFault(null);
    logIn(credentialsIn(form, strategy === 'keystone' ? method : 'http_basic')).then(
      () => undefined,
      (error: unknown) => {
        setFault(error);
        setBusy(false);
      },
    );
  };
  return (
    <main id="content" class="login" tabIndex={-1}>
      <h1>{TEXTS.login.title}</h1>
      {wasLoggedIn.value ? <p role="status">{TEXTS.login.ended}</p> : null}
      <form class="fields" onSubmit={submit}>
        {strategy === 'keystone' ? <Methods method={method} onChoose={setMethod} /> : null}
        {strategy === 'keystone' && method === 'application_credential' ? (
          <>
            <TextField name="id" label={TEXTS.login.id} autocomplete="username" required />
            <TextField name="secret" label={TEXTS.login.secret} type="password" {...SECRET} />
          </>
        ) : (
          <>
            <TextField name="username" label={TEXTS.login.username} autocomplete="username" required />
            <TextField name="password" label={TEXTS.login.password} type="password" {...SECRET} />
          </>
        )}
        {strategy === 'keystone' && method === 'password' ? <Scope /> : null}
        {fault === null ? null : <Fault fault={fault} />}
        <button type="submit" class="main" disabled={busy}>
          {busy ? TEXTS.login.busy : TEXTS.login.submit}
        </button>
      </form>
    </main>
  );
}

function credentialsIn(form: FormData, method: Credentials['method']): Credentials {
  const field = (name: string): string => textIn(form, name);
  const person = { username: field('username'), password: field('password') };
  switch (method) {
    case 'application_credential':
      return { method, id: field('id'), secret: field('secret') };
    case 'http_basic':
      return { method, ...person };
    case 'password':
      return {
        method,
        ...person,
        user_domain: field('user_domain'),
        project: field('project') || null,
        project_domain: field('project_domain') || 'Default',
        system: form.has('system'),
      };
  }
}

function Methods({ method, onChoose }: { method: KeystoneMethod; onChoose: (method: KeystoneMethod) => void }) {
  return (
    <fieldset class="choice">
      <legend>{TEXTS.login.method}</legend>
      {(Object.keys(TEXTS.login.methods) as KeystoneMethod[]).map((one) => (
        <label key={one}>
          <input
            type="radio"
            name="method"
            value={one}
            checked={one === method}
            onChange={() => {
              onChoose(one);
            }}
          />
          {TEXTS.login.methods[one]}
        </label>
      ))}
    </fieldset>
  );
}

/** What the person wants to act for: a project, or the whole system. */
function Scope() {
  const [system, setSystem] = useState(false);
  return (
    <>
      <TextField name="user_domain" label={TEXTS.login.userDomain} value="Default" required />
      <label class="check">
        <input
          type="checkbox"
          name="system"
          checked={system}
          onChange={({ currentTarget }) => {
            setSystem(currentTarget.checked);
          }}
        />
        {TEXTS.login.system}
      </label>
      {system ? null : (
        <>
          <TextField name="project" label={TEXTS.login.project} hint={TEXTS.login.projectHint} />
          <TextField name="project_domain" label={TEXTS.login.projectDomain} value="Default" required />
        </>
      )}
    </>
  );
}
