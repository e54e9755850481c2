import { links } from '../ui/links';
import { Empty } from '../ui/Feedback';
import { Page } from '../ui/Page';

export function NotFoundPage() {
  return (
    <Page title="Nothing here">
      <Empty title="There is no such page."><a href={links.overview()}>Go to the overview</a>, or search for a message with <kbd>/</kbd>.</Empty>
    </Page>
  );
}
