import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso/router';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { config } from '../api/config';
import { live } from '../live/live';
import { links } from './links';
import { focusPage } from './Page';
import { State } from './State';

const pages: [string, string][] = [
  ['Overview', links.overview()],
  ['Topics', links.topics()],
  ['Publishers', links.publishers()],
  ['Messages', links.messages()],
  ['Dead letters', links.deadLetters()],
];

/** What stands around every page. */
export function Layout({ children }: { children: ComponentChildren }) {
  useTopOfNextPage();
  return (
    <>
      <a class="skip" href="#main" onClick={event => { event.preventDefault(); focusPage(); }}>Skip to content</a>
      <header class="top">
        <a class="brand" href={links.overview()}><img src="-/assets/favicon.svg" alt="" width="20" height="20" /> Postoffice</a>
        <Search />
        <div class="top-state">
          {config.read_only && <State tone="quiet" title="You may look and change nothing.">read only</State>}
          <LiveState />
        </div>
      </header>
      <Navigation />
      {children}
    </>
  );
}

/** The next page of a list begins at its top, as another page does. */
function useTopOfNextPage() {
  const { after } = useLocation().query;
  const isFirst = useRef(true);
  useLayoutEffect(() => {
    if (!isFirst.current) {
      scrollTo(0, 0);
    }

    isFirst.current = false;
  }, [after]);
}

function Navigation() {
  const { path } = useLocation();
  const home = links.overview();
  const isHere = (href: string) => (href === home ? path + '/' === home || path === home : path === href || path.startsWith(href + '/'));
  return (
    <nav class="nav" aria-label="Pages">
      {pages.map(([name, href]) => <a key={href} href={href} aria-current={isHere(href) ? 'page' : undefined}>{name}</a>)}
    </nav>
  );
}

const messageId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const attribute = /^([^\s=]+)=(.+)$/;

/** Finds a message by its id, by `attribute=value`, or by text in its payload. `/` puts the cursor here. */
function Search() {
  const { route } = useLocation();
  const input = useRef<HTMLInputElement>(null);

  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLElement && event.target.matches('input, textarea, select, [contenteditable]');
      if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey && !document.querySelector('dialog[open]')) {
        event.preventDefault();
        input.current?.focus();
        input.current?.select();
      }
    };
    addEventListener('keydown', focus);
    return () => removeEventListener('keydown', focus);
  }, []);

  const search = (event: Event) => {
    event.preventDefault();
    const asked = input.current?.value.trim() ?? '';
    const pair = attribute.exec(asked);
    route(asked === '' ? links.messages()
      : messageId.test(asked) ? links.message(asked.toLowerCase())
      : pair ? links.messages({ [`attribute.${pair[1]}`]: pair[2] })
      : links.messages({ text: asked }));
  };

  return (
    <form class="search" role="search" onSubmit={search}>
      <input ref={input} type="search" aria-label="Find a message: id, attribute=value or text" placeholder="Find a message: id, attribute=value or text  ( / )" />
    </form>
  );
}

function LiveState() {
  const [state, setState] = useState(live.state);
  useEffect(() => live.listen(() => setState(live.state)), []);
  return state === 'live' ? <State tone="good" title="Changes show at once.">live</State>
    : state === 'polling' ? <State tone="warn" title="No live connection: the page looks every few seconds.">polling</State>
    : <State tone="quiet">connecting</State>;
}
