import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';

interface Props {
  title: string;
  /** Where the page belongs. */
  crumb?: { href: string; text: string };
  actions?: ComponentChildren;
  children: ComponentChildren;
}

/** One page: its heading, what can be done on it, and its content. */
export function Page({ title, crumb, actions, children }: Props) {
  useEffect(() => {
    document.title = `${title} · Postoffice`;
  }, [title]);

  return (
    <main id="main" tabIndex={-1} aria-labelledby="title">
      <header class="page-head">
        <div class="page-title">
          {crumb && <a class="crumb" href={crumb.href}>{crumb.text}</a>}
          <h1 id="title">{title}</h1>
        </div>
        {actions && <div class="actions">{actions}</div>}
      </header>
      {children}
    </main>
  );
}

/** A page that is gone to gets the focus: screen readers say its title, and the keyboard begins at its top. */
export function focusPage() {
  document.getElementById('main')?.focus({ preventScroll: true });
}

/** A part of a page with a heading of its own. */
export function Section({ title, actions, children }: { title: string; actions?: ComponentChildren; children: ComponentChildren }) {
  return (
    <section class="section">
      <header class="section-head">
        <h2>{title}</h2>
        {actions && <div class="actions">{actions}</div>}
      </header>
      {children}
    </section>
  );
}
