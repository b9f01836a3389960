// Where the reader, or everybody who has not chosen, is told of what: a choice shows at once and goes back, with the reason, when the desk refuses it.
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

/** Whose: the reader's own, or what everybody has until they choose. */
export type Whose = 'mine' | 'everybody';
const PATHS = {
  mine: '/api/v1/me/notification-settings',
  everybody: '/api/v1/notification-defaults',
} as const satisfies Record<Whose, string>;
const keyOf = (whose: Whose) => ['noticeSettings', whose];

/** Every topic. */
export const useNoticeSettings = (whose: Whose) =>
  useQuery({ queryKey: keyOf(whose), queryFn: () => call<Settings>('GET', PATHS[whose]) });

/** Chooses ways of a topic; null takes the choice back, where it is one's own. */
export type ChooseWays = (
  topic: NotificationTopic,
  change: Partial<NotificationWays> | null,
) => void;

/** A choice on its way to the desk, and what was there before it. */
interface Choice {
  topic: NotificationTopic;
  ways: NotificationWays | null;
  before: TopicSetting | undefined;
}

/** Choices go out one after the other, each with all that was chosen before it. */
export function useChooseWays(whose: Whose): ChooseWays {
  const key = keyOf(whose);
  const client = useQueryClient();
  const words = useWordsFor();
  const put = (setting: TopicSetting): void =>
    void client.setQueryData<Settings>(key, (all) =>
      all === undefined
        ? all
        : { topics: all.topics.map((one) => (one.topic === setting.topic ? setting : one)) },
    );
  const { mutate } = useMutation({
    mutationKey: key,
    scope: { id: `noticeSettings ${whose}` },
    mutationFn: ({ topic, ways }: Choice) =>
      call<Settings>('PUT', PATHS[whose], { body: { topics: { [topic]: ways } } }),
    onError: (error, { before }) => {
      if (before !== undefined) put(before);
      toast.error(words(error));
    },
    onSuccess: (settings) => {
      // While others are on their way, what the page shows is newer than this answer.
      if (client.isMutating({ mutationKey: key }) <= 1) client.setQueryData(key, settings);
      // Who has not chosen has what everybody has, the one who changes it as well.
      if (whose === 'everybody') void client.invalidateQueries({ queryKey: keyOf('mine') });
    },
  });
  return (topic, change) => {
    void client.cancelQueries({ queryKey: key });
    const all = client.getQueryData<Settings>(key)?.topics ?? [];
    const before = all.find((one) => one.topic === topic);
    if (before === undefined) return;
    const { bell, browser, email } = { ...before, ...change };
    const ways = change === null ? null : { bell, browser, email };
    // What everybody has is the desk's to say: a choice that is taken back shows with its answer.
    if (ways !== null) put({ topic, ...ways, chosen: true });
    mutate({ topic, ways, before });
  };
}
