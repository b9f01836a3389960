// Where the reader is told of what: a choice shows at once and goes back, with the reason, when the desk refuses it.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { toast } from 'sonner';
import type { NotificationTopic, NotificationWays } from '#domain/notifications.ts';
import { call } from '../api/client.ts';
import { useWordsFor } from '../components/bits.tsx';

/** One topic's ways; `chosen` is false while they are as everybody has them. */
export interface TopicSetting extends NotificationWays {
  topic: NotificationTopic;
  chosen: boolean;
}
interface Settings {
  topics: TopicSetting[];
}

const PATH = '/api/v1/me/notification-settings';
const KEY = ['noticeSettings'];

/** Every topic. */
export const useNoticeSettings = () =>
  useQuery({ queryKey: KEY, queryFn: () => call<Settings>('GET', PATH) });

/** A choice on its way to the desk, and what was there before it. */
interface Choice {
  topic: NotificationTopic;
  ways: NotificationWays | null;
  before: TopicSetting | undefined;
}

/** Chooses ways of a topic; null takes the choice back. Choices go out one after the other, each with all that was chosen before it. */
export function useChooseWays(): (
  topic: NotificationTopic,
  change: Partial<NotificationWays> | null,
) => void {
  const client = useQueryClient();
  const words = useWordsFor();
  const put = (setting: TopicSetting): void =>
    void client.setQueryData<Settings>(KEY, (all) =>
      all === undefined
        ? all
        : { topics: all.topics.map((one) => (one.topic === setting.topic ? setting : one)) },
    );
  const { mutate } = useMutation({
    mutationKey: KEY,
    scope: { id: 'noticeSettings' },
    mutationFn: ({ topic, ways }: Choice) =>
      call<Settings>('PUT', PATH, { body: { topics: { [topic]: ways } } }),
    onError: (error, { before }) => {
      if (before !== undefined) put(before);
      toast.error(words(error));
    },
    onSuccess: (settings) => {
      // While others are on their way, what the page shows is newer than this answer.
      if (client.isMutating({ mutationKey: KEY }) <= 1) client.setQueryData(KEY, settings);
    },
  });
  return (topic, change) => {
    void client.cancelQueries({ queryKey: KEY });
    const all = client.getQueryData<Settings>(KEY)?.topics ?? [];
    const before = all.find((one) => one.topic === topic);
    if (before === undefined) return;
    const { bell, browser, email } = { ...before, ...change };
    const ways = change === null ? null : { bell, browser, email };
    // What everybody has is the desk's to say: a choice that is taken back shows with its answer.
    if (ways !== null) put({ topic, ...ways, chosen: true });
    mutate({ topic, ways, before });
  };
}
