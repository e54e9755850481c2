import { getText } from '../../api/client';
import type { Message, Single } from '../../api/types';
import { memberText } from './payload';

export interface Payload {
  /** Exactly what was received, when that is text. */
  text: string | undefined;
  isJson: boolean;
  /** What is no text. */
  base64: string | undefined;
  size: number;
}

export interface ReadMessage {
  message: Message;
  payload: Payload;
}

/** Reads a message, its payload as it was received. */
export async function readMessage(path: string, signal: AbortSignal): Promise<ReadMessage> {
  const answer = await getText(path, signal);
  const message = (JSON.parse(answer) as Single<Message>).data;
  const text = memberText(answer, ['data', 'payload']);
  return { message, payload: text === undefined ? fromBase64(message.payload_base64 ?? '') : { text, isJson: true, base64: undefined, size: new TextEncoder().encode(text).length } };
}

function fromBase64(base64: string): Payload {
  const bytes = Uint8Array.from(atob(base64), character => character.charCodeAt(0));
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), isJson: false, base64: undefined, size: bytes.length };
  } catch {
    return { text: undefined, isJson: false, base64, size: bytes.length };
  }
}
