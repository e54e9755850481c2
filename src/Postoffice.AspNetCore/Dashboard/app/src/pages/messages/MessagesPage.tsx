import { besideFields, beyondFields } from '../../filters/errors';
import { useQuery } from '../../filters/useQuery';
import { Loading, Problem } from '../../ui/Feedback';
import { number } from '../../ui/format';
import { links } from '../../ui/links';
import { Page } from '../../ui/Page';
import { FoundTable } from './FoundTable';
import { NoMessages, NothingFound } from './NoMessages';
import { toFilter } from './search';
import { SearchForm } from './SearchForm';
import { SearchStatus } from './SearchStatus';
import { pageSize, useSearch } from './useSearch';

/** Finds messages: by where they went, how they stand, when they came, and what they carry. */
export function MessagesPage() {
  const [query, go] = useQuery();
  const filter = toFilter(query);
  const search = useSearch(filter, query.after);
  const { found, error, isSearching } = search;
  const isDone = found !== undefined && !isSearching && found.rows.length === 0 && found.next === null;
  const isAnything = Object.keys(filter).length === 0 && query.after === undefined;
  return (
    <Page title="Messages">
      <SearchForm filter={filter} errors={besideFields(error)} onSearch={go} />
      <Problem error={beyondFields(error, filter)} retry={error?.status === 400 ? undefined : search.goOn} />
      {found === undefined && !error && <Loading />}
      {found && <SearchStatus found={found} search={search} />}
      {isDone && !error && (isAnything ? <NoMessages /> : <NothingFound filter={filter} scanned={found.scanned} isOlder={query.after !== undefined} />)}
      {found && found.rows.length > 0 && <FoundTable messages={found.rows} />}
      <nav class="pager" aria-label="Pages of messages">
        {query.after !== undefined && <a class="button" href={links.messages(filter)}>Newest</a>}
        {found && found.rows.length >= pageSize && found.next !== null && (
          <a class="button" href={links.messages({ ...filter, after: found.next })}>Older than these {number(found.rows.length)}</a>
        )}
      </nav>
    </Page>
  );
}
