import { useLocation } from 'preact-iso/router';
import { query } from '../api/client';

interface Props {
  /** The member `next` of the list. */
  next: string | number | null | undefined;
  /** The parameter of the page's address that says what the list begins after. */
  parameter?: string;
}

/** Goes on in a list, by the page's address: the browser's Back leads to the page before. */
export function Pager({ next, parameter = 'after' }: Props) {
  const { path, query: asked } = useLocation();
  const isFirst = !asked[parameter];
  if (isFirst && next == null) {
    return null;
  }

  const to = (after: string | number | undefined) => path + query({ ...asked, [parameter]: after });
  return (
    <nav class="pager" aria-label="Pages of the list">
      {!isFirst && <a href={to(undefined)}>First page</a>}
      {next != null ? <a href={to(next)} rel="next">Next page</a> : <span class="none">This is the last page.</span>}
    </nav>
  );
}
