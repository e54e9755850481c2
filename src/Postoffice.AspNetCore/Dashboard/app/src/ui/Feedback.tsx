import type { ComponentChildren } from 'preact';
import type { ApiError } from '../api/client';

/** Nothing is there, and what to do next. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children && <div class="empty-hint">{children}</div>}
    </div>
  );
}

/** What went wrong, as the server says it. */
export function Problem({ error, retry }: { error: ApiError | undefined; retry?: () => void }) {
  if (!error) {
    return null;
  }

  return (
    <div class="problem" role="alert">
      <p><strong>{error.status === 0 ? 'No answer' : error.status === 403 ? 'Not allowed' : 'That did not work'}</strong> {error.message}</p>
      {Object.keys(error.fields).length > 0 && (
        <ul>{Object.entries(error.fields).map(([name, messages]) => <li key={name}><code>{name}</code> {messages.join(', ')}</li>)}</ul>
      )}
      {error.status === 401 ? <button type="button" onClick={() => location.reload()}>Reload</button> : retry && <button type="button" onClick={retry}>Try again</button>}
    </div>
  );
}

export function Loading() {
  return <p class="loading" role="status">Loading…</p>;
}

/** What has just happened; read out by screen readers. */
export function Notice({ children }: { children: ComponentChildren }) {
  return <div class="notice" role="status">{children}</div>;
}
