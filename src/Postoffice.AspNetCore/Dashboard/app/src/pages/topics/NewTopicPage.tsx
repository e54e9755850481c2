import { Page } from '../../ui/Page';

export function NewTopicPage() {
  return <Page title="New topic">…</Page>;
}
