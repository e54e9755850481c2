import type { FoundMessage } from '../../api/types';
import { bytes } from '../../ui/format';
import { links } from '../../ui/links';
import { MessageStates } from '../../ui/MessageStates';
import { Table } from '../../ui/Table';
import { Time } from '../../ui/Time';
import { shortId } from './search';
import { Tags } from './Tags';

/** Messages that were found; each row leads to one. */
export function FoundTable({ messages }: { messages: FoundMessage[] }) {
  return (
    <Table
      label="Messages, newest first"
      rows={messages}
      keyOf={message => message.id}
      linkOf={message => links.message(message.id)}
      columns={[
        { title: 'Received', show: message => <><Time at={message.received_at} /><span class="unseen"> message {message.id}</span></> },
        { title: 'Topic', show: message => message.topic },
        // The link that covers the row takes the pointer, so the id that shows itself in full is one too, for the pointer only.
        { title: 'Id', show: message => <a class="whole" href={links.message(message.id)} title={message.id} tabIndex={-1} aria-hidden="true"><code>{shortId(message.id)}</code></a> },
        { title: 'Attributes', show: message => <Tags attributes={message.attributes} /> },
        { title: 'Payload', show: message => <code class="excerpt">{message.excerpt}</code> },
        { title: 'Deliveries', show: message => <MessageStates of={message.deliveries} /> },
        { title: 'Size', show: message => <span class="whole">{bytes(message.size)}</span>, isNumber: true },
      ]}
    />
  );
}
