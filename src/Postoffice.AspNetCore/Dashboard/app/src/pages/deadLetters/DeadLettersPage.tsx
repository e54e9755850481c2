import { Page } from '../../ui/Page';

export function DeadLettersPage() {
  return <Page title="Dead letters">…</Page>;
}
