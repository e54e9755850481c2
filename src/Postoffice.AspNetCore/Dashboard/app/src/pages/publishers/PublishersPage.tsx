import { Page } from '../../ui/Page';

export function PublishersPage() {
  return <Page title="Publishers">…</Page>;
}
