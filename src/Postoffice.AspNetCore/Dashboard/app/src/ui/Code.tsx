import { useState } from 'preact/hooks';
import { count, number } from './format';

/** So much is seen at a glance, and laid out at once. */
const most = 50_000;

/** Text as it is, always as text, with a button that copies all of it. What is very long is shown in part until the rest is asked for. */
export function Code({ text, label }: { text: string; label: string }) {
  const [isWhole, setWhole] = useState(false);
  const isCut = text.length > most && !isWhole;
  return (
    <div class="code">
      <pre tabIndex={0} aria-label={label}><code>{isCut ? beginning(text) : text}</code></pre>
      <Copy text={text} label={label} />
      {isCut && (
        <p class="hint">
          The first {number(most)} of {count(text.length, 'character')}. <button type="button" onClick={() => setWhole(true)}>Show all</button>
        </p>
      )}
    </div>
  );
}

/** A character that takes two places is not cut in two. */
function beginning(text: string): string {
  const isSplit = /[\ud800-\udbff]/.test(text[most - 1]!);
  return text.slice(0, isSplit ? most - 1 : most);
}

export function Copy({ text, label }: { text: string; label: string }) {
  const [said, setSaid] = useState('Copy');

  // Only where the page is served safely, or from this machine.
  if (!navigator.clipboard) {
    return null;
  }

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid('Copied');
    } catch {
      setSaid('Cannot copy');
    }

    setTimeout(() => setSaid('Copy'), 1_500);
  };
  return <button type="button" class="quiet copy" aria-label={`${said} ${label}`} onClick={() => void copy()}>{said}</button>;
}
