import type { List, Topic } from '../api/types';
import { useData } from '../live/useData';

/** All topics to choose from; `isAll` is false when there are more than a list can hold. */
export function useTopics(): { topics: Topic[] | undefined; isAll: boolean } {
  const { data } = useData<List<Topic>>('/topics?limit=1000', true);
  return { topics: data?.data, isAll: data === undefined || data.next === null };
}
