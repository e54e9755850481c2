import { Page } from '../../ui/Page';

export function TopicsPage() {
  return <Page title="Topics">…</Page>;
}
