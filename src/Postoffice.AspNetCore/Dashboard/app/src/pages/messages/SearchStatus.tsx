import { count } from '../../ui/format';
import { ExactTime } from '../../ui/Time';
import type { Found, Search } from './useSearch';
import { isUnfinished } from './useSearch';

/** How far a search has come, and whether it goes on. */
export function SearchStatus({ found, search: { isSearching, isStopped, isLive, stop, goOn, again } }: { found: Found; search: Search }) {
  const isOpen = isUnfinished(found);
  return (
    <div class="search-status">
      <p role="status">
        {count(found.rows.length, 'message')}
        {(isOpen || isSearching) && (
          <>
            {isSearching ? '; searching on' : isStopped ? '; stopped' : ''}
            {found.searchedTo && <>: looked back to <ExactTime at={found.searchedTo} />, {count(found.scanned, 'message')} seen</>}
          </>
        )}
        {!isOpen && !isSearching && found.next !== null && ', older ones follow'}
        {isLive && !isSearching && '; new ones appear here'}
      </p>
      {isSearching && found.requests > 0 && <button type="button" onClick={stop}>Stop</button>}
      {!isSearching && isOpen && <button type="button" onClick={goOn}>Go on</button>}
      {!isSearching && !isLive && <button type="button" class="quiet" onClick={again}>Search again</button>}
    </div>
  );
}
