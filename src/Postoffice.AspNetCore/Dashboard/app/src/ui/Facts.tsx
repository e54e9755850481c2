import type { ComponentChildren } from 'preact';

/** Names and values. */
export function Facts({ facts }: { facts: [string, ComponentChildren][] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** One figure that matters. */
export function Stat({ name, children, href, note }: { name: string; children: ComponentChildren; href?: string; note?: ComponentChildren }) {
  return (
    <div class="stat">
      <span class="stat-name">{href ? <a href={href}>{name}</a> : name}</span>
      <span class="stat-value">{children}</span>
      {note && <span class="stat-note">{note}</span>}
    </div>
  );
}
