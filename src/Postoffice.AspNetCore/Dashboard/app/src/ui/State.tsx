/** How something is: always a sign and a word, so that nothing is said by colour alone. */
export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'quiet';

const signs: Record<Tone, string> = { good: '✓', busy: '●', warn: '▲', bad: '✕', quiet: '–' };

export function State({ tone, children, title }: { tone: Tone; children: string; title?: string }) {
  return (
    <span class={`state state-${tone}`} title={title}>
      <span class="state-sign" aria-hidden="true">{signs[tone]}</span>
      {children}
    </span>
  );
}
