import { Component, type ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso/router';
import { Empty } from '../ui/Feedback';
import { Page } from '../ui/Page';
import { NotFoundPage } from './NotFoundPage';

/** Keeps the rest of the page, and the way to the others, when one of them cannot be shown. */
export function Failure({ children }: { children: ComponentChildren }) {
  const { url } = useLocation();
  return <Boundary url={url}>{children}</Boundary>;
}

interface Props {
  url: string;
  children: ComponentChildren;
}

class Boundary extends Component<Props, { error?: unknown; url?: string }> {
  override componentDidCatch(error: unknown) {
    console.error(error);
    this.setState({ error, url: this.props.url });
  }

  override render() {
    if (this.state.url !== this.props.url) {
      return this.props.children;
    }

    // An address with a stray % leads nowhere.
    return this.state.error instanceof URIError ? <NotFoundPage /> : (
      <Page title="This page cannot be shown">
        <Empty title="The dashboard has a fault.">
          <p>{String(this.state.error)}</p>
          <p><a href="" onClick={event => { event.preventDefault(); location.reload(); }}>Load it again</a>, or go to another page. Messages are delivered all the same.</p>
        </Empty>
      </Page>
    );
  }
}
