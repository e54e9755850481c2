import type { Delivery, Explanation, Message } from '../../api/types';
import { config } from '../../api/config';
import { links } from '../../ui/links';
import { Told } from '../../ui/Told';
import { Attempts } from './Attempts';
import { DeliveryActions } from './DeliveryActions';
import { DeliveryState } from './DeliverySummary';

interface Props {
  message: Message;
  delivery: Delivery;
  explanation: Explanation | undefined;
  onChange: () => void;
}

/** How one publisher stands with the message, why, and what came before. */
export function DeliveryCard({ message, delivery, explanation, onChange }: Props) {
  const head = explanation?.facts.blocked_key?.head;
  return (
    <article class="card" aria-label={`Publisher ${delivery.publisher_id}`}>
      <header class="delivery-head">
        <DeliveryState state={delivery.state} />
        <h3><a href={links.publisher(delivery.publisher_id)}>{delivery.target}</a></h3>
        <small>{delivery.type}, publisher {delivery.publisher_id}</small>
      </header>
      {explanation && delivery.state !== 'delivered' && (
        <p class="explanation">
          <Told text={explanation.text} />
          {head && head.message_id !== message.id && <> <a href={links.message(head.message_id)}>Show what it waits for</a></>}
        </p>
      )}
      <Attempts delivery={delivery} />
      {!config.read_only && <DeliveryActions message={message} delivery={delivery} onChange={onChange} />}
    </article>
  );
}
