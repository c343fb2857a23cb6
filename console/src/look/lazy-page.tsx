import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { TEXTS } from '../texts.js';
import { Fault } from './fault.js';

/** A page whose script is loaded when somebody opens it. */
export function lazyPage<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let loaded: ComponentType<Props> | null = null;
  return function LazyPage(props: Props) {
    const [Page, setPage] = useState<{ of: ComponentType<Props> } | null>(loaded && { of: loaded });
    const [fault, setFault] = useState<unknown>(null);
    const start = (): void => {
      setFault(null);
      load().then((page) => {
        loaded = page;
        setPage({ of: page });
      }, setFault);
    };
    useEffect(() => {
      if (Page === null) start();
    }, []);
    if (fault !== null) return <Fault fault={fault} onAgain={start} />;
    return Page === null ? <p class="quiet">{TEXTS.loading}</p> : <Page.of {...props} />;
  };
}
