import { render } from 'preact';
import { LocationProvider, Route, Router, useLocation } from 'preact-iso/router';
import { base } from './api/config';
import { DeadLettersPage } from './pages/deadLetters/DeadLettersPage';
import { Failure } from './pages/Failure';
import { MessagePage } from './pages/messages/MessagePage';
import { MessagesPage } from './pages/messages/MessagesPage';
import { NotFoundPage } from './pages/NotFoundPage';
import { OverviewPage } from './pages/overview/OverviewPage';
import { EditPublisherPage } from './pages/publishers/EditPublisherPage';
import { NewPublisherPage } from './pages/publishers/NewPublisherPage';
import { PublisherPage } from './pages/publishers/PublisherPage';
import { PublishersPage } from './pages/publishers/PublishersPage';
import { NewTopicPage } from './pages/topics/NewTopicPage';
import { TopicPage } from './pages/topics/TopicPage';
import { TopicsPage } from './pages/topics/TopicsPage';
import './styles/app.css';
import { Layout } from './ui/Layout';
import { focusPage } from './ui/Page';
import { keepPlaces } from './ui/scroll';

/** The page that the address means. The router cannot read one whose escapes are broken, and no page has such an address. */
function Pages() {
  const { path } = useLocation();
  return isLegible(path) ? (
    <Router onRouteChange={focusPage}>
      <Route path={base} component={OverviewPage} />
      <Route path={`${base}topics`} component={TopicsPage} />
      <Route path={`${base}topics/-/new`} component={NewTopicPage} />
      <Route path={`${base}topics/:name`} component={TopicPage} />
      <Route path={`${base}publishers`} component={PublishersPage} />
      <Route path={`${base}publishers/new`} component={NewPublisherPage} />
      <Route path={`${base}publishers/:id`} component={PublisherPage} />
      <Route path={`${base}publishers/:id/edit`} component={EditPublisherPage} />
      <Route path={`${base}messages`} component={MessagesPage} />
      <Route path={`${base}messages/:id`} component={MessagePage} />
      <Route path={`${base}dead-letters`} component={DeadLettersPage} />
      <Route default component={NotFoundPage} />
    </Router>
  ) : <NotFoundPage />;
}

function isLegible(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

function App() {
  return (
    <LocationProvider scope={base}>
      <Layout>
        <Failure>
          <Pages />
        </Failure>
      </Layout>
    </LocationProvider>
  );
}

keepPlaces();
render(<App />, document.getElementById('app')!);
