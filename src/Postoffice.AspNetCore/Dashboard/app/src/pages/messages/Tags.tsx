const most = 6;

/** Attributes in a word's place. */
export function Tags({ attributes }: { attributes: Record<string, string> }) {
  const all = Object.entries(attributes);
  const rest = all.length - most;
  if (all.length === 0) {
    return null;
  }

  return (
    <span class="tags">
      {all.slice(0, most).map(([name, value]) => <span key={name} class="tag">{name}={value}</span>)}
      {rest > 0 && <span class="tag">{rest} more</span>}
    </span>
  );
}
