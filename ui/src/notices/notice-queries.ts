// Notices of who is signed in: the unread ones' number, the list, and marking them as read, which shows at once.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import { toast } from 'sonner';
import { call } from '../api/client.ts';
import type { Notice, Page } from '../api/types.ts';
import { useWordsFor } from '../components/bits.tsx';

/** How many notices are unread; `more` when the desk stopped counting. */
export interface Unread {
  unread: number;
  more: boolean;
}
/** Which notices are meant, as the API takes it. */
type NoticeChoice = { ids: string[] } | { ticketId: number } | { all: true };

export const UNREAD_KEY = ['notices', 'unread'];
export const NOTICES_KEY = ['notices', 'list'];
const PAGE = 30;
type List = InfiniteData<Page<Notice>>;

/** The number at the bell; live events keep it right. */
export const useUnread = () =>
  useQuery({
    queryKey: UNREAD_KEY,
    queryFn: () => call<Unread>('GET', '/api/v1/notifications/unread-count'),
  });

/** Notices, newest first, page by page. */
export const useNotices = (unreadOnly: boolean) =>
  useInfiniteQuery({
    queryKey: [...NOTICES_KEY, unreadOnly],
    queryFn: ({ pageParam, signal }) =>
      call<Page<Notice>>('GET', '/api/v1/notifications', {
        query: { unread: unreadOnly, limit: PAGE, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
    refetchOnMount: 'always',
  });

/** Marks notices as read on the page at once, and on the desk; a refusal brings back what the desk holds. */
export function useReadNotices() {
  const client = useQueryClient();
  const words = useWordsFor();
  return useMutation({
    mutationFn: (choice: NoticeChoice) => readOnDesk(choice),
    onMutate: (choice) => showRead(client, choice),
    onError: (error) => {
      toast.error(words(error));
      void client.invalidateQueries({ queryKey: ['notices'] });
    },
  });
}

/** Marks notices as read on the desk. The stream tells the new number: this answer may be older than a notice that was told meanwhile. */
export async function readOnDesk(choice: NoticeChoice): Promise<void> {
  await call('POST', '/api/v1/notifications/read', { body: choice });
}

/** Shows what is meant as read; ids that no list holds are left to the desk's answer. */
async function showRead(client: QueryClient, choice: NoticeChoice): Promise<void> {
  await client.cancelQueries({ queryKey: ['notices'] });
  const readAt = new Date().toISOString();
  const read = new Set<string>();
  client.setQueriesData<List>({ queryKey: NOTICES_KEY }, (list) =>
    list === undefined
      ? list
      : {
          ...list,
          pages: list.pages.map((page) => ({
            ...page,
            items: page.items.map((one) => {
              if (one.readAt !== null || !isMeant(one, choice)) return one;
              read.add(one.id);
              return { ...one, readAt };
            }),
          })),
        },
  );
  client.setQueryData<Unread>(UNREAD_KEY, (before) =>
    before === undefined || before.more
      ? before
      : { unread: 'all' in choice ? 0 : Math.max(0, before.unread - read.size), more: false },
  );
}

function isMeant(notice: Notice, choice: NoticeChoice): boolean {
  if ('ids' in choice) return choice.ids.includes(notice.id);
  return 'all' in choice || notice.ticketId === choice.ticketId;
}
