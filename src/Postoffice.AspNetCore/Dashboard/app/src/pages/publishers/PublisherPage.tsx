import { Page } from '../../ui/Page';

export function PublisherPage() {
  return <Page title="Publisher">…</Page>;
}
