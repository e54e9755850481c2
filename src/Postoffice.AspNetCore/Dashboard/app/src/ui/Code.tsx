import { useState } from 'preact/hooks';

/** Text as it is, always as text, with a button that copies it. */
export function Code({ text, label }: { text: string; label: string }) {
  return (
    <div class="code">
      <pre tabIndex={0} aria-label={label}><code>{text}</code></pre>
      <Copy text={text} label={label} />
    </div>
  );
}

export function Copy({ text, label }: { text: string; label: string }) {
  const [isCopied, setCopied] = useState(false);

  // Only where the page is served safely, or from this machine.
  if (!navigator.clipboard) {
    return null;
  }

  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1_500);
  };
  return <button type="button" class="quiet copy" aria-label={`Copy ${label}`} onClick={() => void copy()}>{isCopied ? 'Copied' : 'Copy'}</button>;
}
