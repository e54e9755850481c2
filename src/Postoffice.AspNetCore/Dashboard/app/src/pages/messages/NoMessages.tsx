import { config } from '../../api/config';
import type { List, Topic } from '../../api/types';
import type { Query } from '../../filters/useQuery';
import { useData } from '../../live/useData';
import { Code } from '../../ui/Code';
import { Empty } from '../../ui/Feedback';
import { count } from '../../ui/format';
import { links } from '../../ui/links';
import { conditions } from './search';

/** Not one message is there: how to send the first. */
export function NoMessages() {
  const { data } = useData<List<Topic>>('/topics?limit=1', true);
  const topic = data?.data[0]?.name;
  const body = JSON.stringify({ topic: topic ?? 'orders', payload: { hello: 'world' }, attributes: { kind: 'first' } });
  return (
    <>
      <Empty title="No messages yet.">
        {config.read_only ? <p>They appear here as soon as they are received. One is sent like this:</p> : topic === undefined
          ? <p><a href={links.newTopic()}>Create a topic</a> first; then send a message to it:</p>
          : <p>Send one from <a href={links.topic(topic)}>the page of topic {topic}</a>, or like this. It appears here at once.</p>}
      </Empty>
      <Code label="How to send a message" text={`curl ${location.origin}/api/messages -H 'Content-Type: application/json' \\\n  -d '${body}'`} />
    </>
  );
}

/** No message meets all conditions: what was looked through, and how to ask for more. */
export function NothingFound({ filter, scanned, isOlder }: { filter: Query; scanned: number; isOlder: boolean }) {
  const asked = conditions(filter);
  return (
    <Empty title={isOlder ? 'No older messages.' : 'No message is like that.'}>
      <p>{count(scanned, 'message')} looked at{filter.topic ? ` in topic ${filter.topic}` : ''}, as far back as they are kept{filter.from ? ' and the time asked for' : ''}.</p>
      {asked.length > 0 && (
        <p class="widen">Search without {asked.map(each => <a key={each.text} href={links.messages(each.without)}>{each.text}</a>)}</p>
      )}
      {filter.text && <p>Text is found as it stands in the payload: with its case, and as JSON spells it.</p>}
    </Empty>
  );
}
