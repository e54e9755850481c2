import { useMemo } from 'preact/hooks';
import { Code } from '../../ui/Code';
import { Tabs } from '../../ui/Tabs';
import { indent } from './payload';
import type { Payload } from './readMessage';

/** What the message carries: easy to read, or exactly as it was received. */
export function PayloadView({ payload: { text, isJson, base64 } }: { payload: Payload }) {
  const pretty = useMemo(() => (isJson && text !== undefined ? indent(text) : ''), [isJson, text]);
  if (text === undefined) {
    return (
      <>
        <p class="hint">These bytes are no text; here they are in base64.</p>
        <Code label="Payload in base64" text={base64 ?? ''} />
      </>
    );
  }

  const raw = { name: 'Raw', show: () => <Code label="Payload as received" text={text} /> };
  return isJson ? <Tabs label="Payload" tabs={[{ name: 'Pretty', show: () => <Code label="Payload, indented" text={pretty} /> }, raw]} /> : raw.show();
}
