import { Page } from '../../ui/Page';

export function NewPublisherPage() {
  return <Page title="New publisher">…</Page>;
}
