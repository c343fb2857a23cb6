import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import { Fault } from '../look/fault.js';
import { TEXTS } from '../texts.js';

interface ConfirmProps {
  title: string;
  /** What the button says: what will be done, and to how much. */
  action: string;
  /** Does it. The dialog closes when it is done, and shows why when it fails. */
  onConfirm: () => Promise<void>;
  onClose: () => void;
  /** What will change. */
  children: ComponentChildren;
}

/** Asks once more, and names what will change. */
export function Confirm({ title, action, onConfirm, onClose, children }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const confirm = (): void => {
    setBusy(true);
    setFault(null);
    onConfirm().then(onClose, (error: unknown) => {
      setFault(error);
      setBusy(false);
    });
  };
  return (
    <dialog ref={dialog} aria-labelledby="confirm" onClose={onClose}>
      <h2 id="confirm">{title}</h2>
      <div class="confirm-body" tabIndex={0} role="group" aria-label={title}>
        {children}
      </div>
      {fault === null ? null : <Fault fault={fault} />}
      <p class="confirm-buttons">
        <button type="button" onClick={() => dialog.current?.close()} disabled={busy}>
          {TEXTS.repair.cancel}
        </button>
        <button type="button" class="main" onClick={confirm} disabled={busy}>
          {busy ? TEXTS.repair.busy : action}
        </button>
      </p>
    </dialog>
  );
}
