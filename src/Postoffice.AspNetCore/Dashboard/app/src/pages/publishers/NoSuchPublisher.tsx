import { Empty } from '../../ui/Feedback';
import { links } from '../../ui/links';
import { Page } from '../../ui/Page';

/** What stands where a publisher would be. */
export function NoSuchPublisher({ id }: { id: string }) {
  return (
    <Page title={`Publisher ${id}`} crumb={{ href: links.publishers(), text: 'Publishers' }}>
      <Empty title="There is no such publisher.">It may have been deleted. <a href={links.publishers()}>See all publishers</a>.</Empty>
    </Page>
  );
}
