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

/** Chooses a topic's ways; null takes the choice back. One after the other, and the last answer counts. */
export function useChooseWays() {
  const client = useQueryClient();
  const words = useWordsFor();
  const put = (topic: NotificationTopic, change: (before: TopicSetting) => TopicSetting): void =>
    void client.setQueryData<Settings>(KEY, (before) =>
      before === undefined
        ? before
        : { topics: before.topics.map((one) => (one.topic === topic ? change(one) : one)) },
    );
  return useMutation({
    mutationKey: KEY,
    scope: { id: 'noticeSettings' },
    mutationFn: ({ topic, ways }: { topic: NotificationTopic; ways: NotificationWays | null }) =>
      call<Settings>('PUT', PATH, { body: { topics: { [topic]: ways } } }),
    onMutate: async ({ topic, ways }) => {
      await client.cancelQueries({ queryKey: KEY });
      const settings = client.getQueryData<Settings>(KEY);
      const before = settings?.topics.find((one) => one.topic === topic);
      // What everybody has is the desk's to say: a choice that is taken back shows with its answer.
      if (ways !== null) put(topic, () => ({ topic, ...ways, chosen: true }));
      return { before };
    },
    onError: (error, { topic }, context) => {
      const before = context?.before;
      if (before !== undefined) put(topic, () => before);
      toast.error(words(error));
    },
    onSuccess: (settings) => {
      // While others are on their way, what the page shows is newer than this answer.
      if (client.isMutating({ mutationKey: KEY }) <= 1) client.setQueryData(KEY, settings);
    },
  });
}
