import { Page } from '../../ui/Page';

export function EditPublisherPage() {
  return <Page title="Edit">…</Page>;
}
