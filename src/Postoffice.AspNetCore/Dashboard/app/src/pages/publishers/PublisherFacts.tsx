import type { ComponentChildren } from 'preact';
import type { Publisher } from '../../api/types';
import { Facts } from '../../ui/Facts';
import { number, percent, rate } from '../../ui/format';
import { links } from '../../ui/links';
import { Time } from '../../ui/Time';

/** Where a publisher stands. */
export function PublisherFacts({ publisher }: { publisher: Publisher }) {
  const { id, demand } = publisher;
  const facts: [string, ComponentChildren][] = [
    ['Topic', <a href={links.topic(publisher.topic)}>{publisher.topic}</a>],
    ['Settled up to (cursor)', number(publisher.cursor)],
    ['Last position (head)', number(publisher.head)],
    ['Lag', number(publisher.lag)],
    ['Delivered', number(publisher.delivered)],
    ['Skipped by the filter', number(publisher.skipped)],
    ['Parked', publisher.parked > 0 ? <a href={links.messages({ publisher_id: id, state: 'parked' })}>{number(publisher.parked)}</a> : '0'],
    ['Dead letters', publisher.dead > 0 ? <a href={links.deadLetters({ publisher_id: id })}>{number(publisher.dead)}</a> : '0'],
    ['Rate, last minute', publisher.rate === null ? '–' : `${rate(publisher.rate)} a second`],
    ['Failed attempts, 5 min', publisher.error_rate === null ? '–' : percent(publisher.error_rate)],
    ['Demand', demand ? `${number(demand.effective)} of ${number(demand.max)}` : '–'],
    ['In flight', demand ? number(demand.in_flight) : '–'],
    ['Node', publisher.node ? <span title={publisher.node.id}>{publisher.node.host}</span> : 'none'],
    ['Number and type', <>{id}, {publisher.type}</>],
    ['Created', <Time at={publisher.created_at} />],
    ['Changed', <Time at={publisher.updated_at} />],
  ];
  return <Facts facts={facts} />;
}
